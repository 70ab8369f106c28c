import { networkPrefix } from './network-prefix.ts';

/** How much of a viewer's address logs contain. */
export type AddressDetail = 'full' | 'prefix' | 'none';

/** @returns undefined for `none`; for `prefix` the network, which names no device, or `unknown` for other text */
export function shownAddress(address: string | undefined, detail: AddressDetail): string | undefined {
  if (address === undefined || detail === 'none') return undefined;
  return detail === 'full' ? address : (networkPrefix(address) ?? 'unknown');
}
