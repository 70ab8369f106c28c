import { isIP } from 'node:net';

/** How much of a viewer's address logs contain. */
export type AddressDetail = 'full' | 'prefix' | 'none';

/** @returns undefined for `none`; for `prefix` the network, `192.0.2.0/24` or `2001:db8:1::/48`, which names no device */
export function shownAddress(address: string | undefined, detail: AddressDetail): string | undefined {
  if (address === undefined || detail === 'none') return undefined;
  if (detail === 'full') return address;
  // A socket for both families writes IPv4 addresses as ::ffff:192.0.2.1.
  const plain = /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address;
  if (isIP(plain) === 4) return `${plain.split('.').slice(0, 3).join('.')}.0/24`;
  if (isIP(plain) !== 6) return 'unknown';
  const [head = '', tail] = plain.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  // `::` may stand for some of the first three groups. Groups that follow it are of the device, unless few are missing.
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0');
  return `${[...groups, ...zeros, ...after].slice(0, 3).join(':')}::/48`;
}
