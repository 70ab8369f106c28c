import { expect, test, vi } from 'vitest';
import { canLink, hasWebRtc } from './webrtc-support.ts';

test('no WebRTC, or one that is blocked, means plain', () => {
  expect(hasWebRtc({})).toBe(false);
  expect(canLink({})).toBe(false);
  const blocked = vi.fn(function () {
    throw new DOMException('blocked', 'NotAllowedError');
  });
  expect(canLink({ RTCPeerConnection: blocked as unknown as typeof RTCPeerConnection })).toBe(false);
  expect(blocked).toHaveBeenCalledOnce();
});

test('the connection made to find out is closed', () => {
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
