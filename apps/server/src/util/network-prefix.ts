import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** How many leading bits of an address name its network. */
export interface PrefixBits {
  readonly v4: number;
  readonly v6: number;
}

/** A customer of a provider may have all addresses of such a network. */
const USUAL_BITS: PrefixBits = { v4: 24, v6: 48 };

/**
 * The network of an address, for example `203.0.113.0/24` or `2001:db8:aa::/48`. An IPv4 address that is written as IPv6
 * belongs to its IPv4 network. Undefined for text that is not an address.
 */
export function networkPrefix(address: string, bits = USUAL_BITS): string | undefined {
  const [plain = ''] = address.split('%', 1);
  if (isIP(plain) === 0) return undefined;
  const bytes = ipaddr.process(spelled(plain)).toByteArray();
  const length = bytes.length === 4 ? bits.v4 : bits.v6;
  const masked = bytes.map((byte, i) => {
    const kept = Math.min(8, Math.max(0, length - 8 * i));
    return byte & (0xff00 >> kept) & 0xff;
  });
  return `${spelled(ipaddr.fromByteArray(masked).toString())}/${length}`;
}

/** The usual spelling. URL knows all spellings of IPv6; the parser lacks the one that ends in an IPv4 address. */
function spelled(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
