import { isIP } from 'node:net';

/** How many leading bits of an address name its network. */
export interface PrefixBits {
  readonly v4: number;
  readonly v6: number;
}

/**
 * The network of an address, for example `203.0.113.0/24` or `2001:db8:aa::/48`. An IPv4 address that is written as IPv6
 * belongs to its IPv4 network. Undefined for text that is not an address.
 */
export function networkPrefix(address: string, bits: PrefixBits): string | undefined {
  const parts = partsOf(address);
  if (parts === undefined) return undefined;
  if (parts.length === 4) return `${masked(parts, bits.v4, 8).join('.')}/${bits.v4}`;
  const mapped = parts.slice(0, 6).join() === '0,0,0,0,0,65535';
  if (mapped) {
    const bytes = parts.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
    return `${masked(bytes, bits.v4, 8).join('.')}/${bits.v4}`;
  }
  const groups = masked(parts, bits.v6, 16).map((group) => group.toString(16));
  while (groups.at(-1) === '0') groups.pop();
  return `${groups.join(':')}${groups.length === 8 ? '' : '::'}/${bits.v6}`;
}

/** Four bytes, or eight groups of 16 bits. */
function partsOf(address: string): readonly number[] | undefined {
  const [plain = ''] = address.split('%', 1);
  const family = isIP(plain);
  if (family === 4) return plain.split('.').map(Number);
  if (family === 0) return undefined;
  // Every spelling becomes the same: hexadecimal groups, `::` for the longest run of zeros.
  const { hostname } = new URL(`http://[${plain}]`);
  const [head = '', tail] = hostname.slice(1, -1).split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function groupsOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** @param width bits of each part */
function masked(parts: readonly number[], bits: number, width: number): readonly number[] {
  return parts.map((part, index) => {
    const kept = Math.min(width, Math.max(0, bits - index * width));
    return part & ~(2 ** (width - kept) - 1);
  });
}
