import { afterEach, expect, test, vi } from 'vitest';
import { Buffer, debug, errCode, getBrowserRTC, randombytes, stream } from './simple-peer-shims.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('the stream hands events on, to each listener as often as it was added', () => {
  const duplex = new stream.Duplex();
  const told: unknown[] = [];
  const first = (what: string): unknown => told.push(`first ${what}`);
  duplex.on('a', first).on('a', (what: string) => told.push(`second ${what}`));
  duplex.emit('a', 1);
  duplex.emit('b', 2);
  duplex.removeListener('a', first);
  duplex.removeListener('b', first);
  duplex.emit('a', 3);
  expect(told).toEqual(['first 1', 'second 1', 'second 3']);
});

test('once is once, also for who causes the event again', () => {
  const duplex = new stream.Duplex();
  const told: string[] = [];
  duplex.once('a', () => {
    told.push('once');
    duplex.emit('a');
  });
  duplex.on('a', () => told.push('always'));
  duplex.emit('a');
  duplex.emit('a');
  expect(told).toEqual(['once', 'always', 'always', 'always']);
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

test('there is nothing to end when it is destroyed', () => {
  const { _readableState, _writableState } = new stream.Duplex();
  expect([_readableState.ended, _writableState.finished]).toEqual([true, true]);
});

test('a message is a view of its bytes, no copy', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const view = Buffer.from(bytes.buffer);
  bytes[0] = 9;
  expect([...view]).toEqual([9, 2, 3]);
});

test('names are random, two digits a byte', () => {
  const names = Array.from({ length: 100 }, () => randombytes(4).toString());
  expect(names.filter((name) => !/^[0-9a-f]{8}$/.test(name))).toEqual([]);
  expect(new Set(names).size).toBe(100);
});

test('WebRTC is looked for anew each time, and its absence is no error', () => {
  expect(getBrowserRTC()).toBeNull();
  const RTCPeerConnection = vi.fn();
  vi.stubGlobal('RTCPeerConnection', RTCPeerConnection);
  expect(getBrowserRTC()).toMatchObject({ RTCPeerConnection });
  vi.unstubAllGlobals();
  expect(getBrowserRTC()).toBeNull();
});

test('an error stays what it is, also a frozen one and one whose code cannot be written', () => {
  for (const error of [new DOMException('no', 'OperationError'), Object.freeze(new Error('no'))])
    expect(errCode(error)).toBe(error);
});

test('nothing is logged', () => {
  const log = vi.spyOn(console, 'debug');
  expect(debug).not.toThrow();
  expect(log).not.toHaveBeenCalled();
});
