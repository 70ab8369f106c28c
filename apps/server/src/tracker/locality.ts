import { createHmac, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';

/** New in each process, so that an address cannot be found from its name. */
const KEY = randomBytes(32);

/**
 * A viewer's place in the network, for TrackerCore: names of the provider's network (IPv4 /16, IPv6 /32) and of its own
 * (/24, /48). The names are keyed hashes, because traces contain them. Undefined for text that is not an address.
 */
export function localityOf(address: string): string | undefined {
  const networks = networksOf(address);
  return networks === undefined ? undefined : networks.map(nameOf).join('/');
}

function nameOf(network: string): string {
  return createHmac('sha256', KEY).update(network).digest('hex').slice(0, 8);
}

/** The prefixes of the address's networks, the wide one first. */
function networksOf(address: string): readonly string[] | undefined {
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  if (isIP(plain) === 4) {
    const [a, b, c] = plain.split('.');
    return [`${a}.${b}`, `${a}.${b}.${c}`];
  }
  if (isIP(plain) !== 6) return undefined;
  const [a, b, c] = groupsOf(plain);
  return [`${a}:${b}`, `${a}:${b}:${c}`];
}

/** The groups of an IPv6 address, including the zeros that `::` stands for, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  return [...groups, ...Array.from({ length: missing }, () => '0'), ...after].map((group) =>
    group.replace(/^0+(?=.)/, ''),
  );
}
