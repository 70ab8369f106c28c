import { expect, test, vi } from 'vitest';
import { canLink, hasWebRtc } from './webrtc-support.ts';

test('reports that WebRTC is missing or blocked', () => {
  expect(hasWebRtc({})).toBe(false);
  expect(canLink({})).toBe(false);
  const blocked = vi.fn(function () {
    throw new DOMException('blocked', 'NotAllowedError');
  });
  expect(canLink({ RTCPeerConnection: blocked as unknown as typeof RTCPeerConnection })).toBe(false);
  expect(blocked).toHaveBeenCalledOnce();
});

test('closes the connection that it makes for the test', () => {
  let open = 0;
  class Connection {
    constructor() {
      open++;
    }
    close(): void {
      open--;
    }
  }
  expect(canLink({ RTCPeerConnection: Connection as unknown as typeof RTCPeerConnection })).toBe(true);
  expect(open).toBe(0);
});
