/** Bytes that a page keeps for neighbours: an amount that does not strain a desktop, less where memory is short. */
const STORE_BYTES = 64 * 1024 * 1024;
const MOBILE_STORE_BYTES = 24 * 1024 * 1024;

export function storeBytes(scope: { readonly navigator?: Navigator } = globalThis): number {
  const { navigator } = scope;
  const mobile = /Mobi|Android/i.test(navigator?.userAgent ?? '');
  return mobile ? MOBILE_STORE_BYTES : STORE_BYTES;
}
