/** Whether the browser has WebRTC at all. Costs nothing, so it may be called before the player starts. */
export function hasWebRtc(
  scope: Partial<Pick<typeof globalThis, 'RTCPeerConnection'>> = globalThis,
): scope is Pick<typeof globalThis, 'RTCPeerConnection'> {
  return typeof scope.RTCPeerConnection === 'function';
}

/**
 * Whether this page can link to other viewers: a policy or an extension that blocks WebRTC makes its constructor throw.
 * No candidate is gathered here, so the browser asks for no permission. A page's first connection starts the browser's
 * WebRTC, some 50 ms on the main thread, so this is not called before the player plays.
 */
export function canLink(scope: Partial<Pick<typeof globalThis, 'RTCPeerConnection'>> = globalThis): boolean {
  if (!hasWebRtc(scope)) return false;
  try {
    new scope.RTCPeerConnection().close();
    return true;
  } catch {
    return false;
  }
}
