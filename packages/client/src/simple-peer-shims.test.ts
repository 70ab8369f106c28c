import { afterEach, expect, test, vi } from 'vitest';
import { Buffer, getBrowserRTC, stream } from './simple-peer-shims.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('a message is told as data, at once and as it is', () => {
  const duplex = new stream.Duplex();
  const heard = vi.fn();
  duplex.on('data', heard);
  const message = new Uint8Array(3);
  duplex.push(message);
  expect(heard.mock.calls).toEqual([[message]]);
  expect(heard.mock.calls[0]?.[0]).toBe(message);
});

test('a message is a view of its bytes, no copy', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const view = Buffer.from(bytes.buffer);
  bytes[0] = 9;
  expect([...view]).toEqual([9, 2, 3]);
});

test('WebRTC is looked for anew each time, and its absence is no error', () => {
  expect(getBrowserRTC()).toBeNull();
  const RTCPeerConnection = vi.fn();
  vi.stubGlobal('RTCPeerConnection', RTCPeerConnection);
  expect(getBrowserRTC()).toMatchObject({ RTCPeerConnection });
  vi.unstubAllGlobals();
  expect(getBrowserRTC()).toBeNull();
});
