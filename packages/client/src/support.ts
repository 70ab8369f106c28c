/**
 * Whether this page can link to other viewers. A browser without WebRTC lacks the constructor; a policy or an
 * extension that blocks it makes it throw. No permission is asked for: no candidate is gathered here.
 */
export function canLink(scope: Partial<Pick<typeof globalThis, 'RTCPeerConnection'>> = globalThis): boolean {
  if (typeof scope.RTCPeerConnection !== 'function') return false;
  try {
    new scope.RTCPeerConnection().close();
    return true;
  } catch {
    return false;
  }
}

/** What a page keeps for neighbours: as much as a desktop bears without notice, less where memory is short. */
const STORE_BYTES = 64 * 1024 * 1024;
const MOBILE_STORE_BYTES = 24 * 1024 * 1024;

export function storeBytes(scope: { readonly navigator?: Navigator } = globalThis): number {
  const { navigator } = scope;
  const mobile = /Mobi|Android/i.test(navigator?.userAgent ?? '');
  return mobile ? MOBILE_STORE_BYTES : STORE_BYTES;
}
