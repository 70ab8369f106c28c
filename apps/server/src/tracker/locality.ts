import { createHmac, randomBytes } from 'node:crypto';
import { networkPrefix } from '../guard/network-prefix.ts';

/** New in each process, so that an address cannot be found from its name. */
const KEY = randomBytes(32);
/** The provider's network, and the viewer's own. */
const LEVELS = [
  { v4: 16, v6: 32 },
  { v4: 24, v6: 48 },
];

/**
 * A viewer's place in the network, for TrackerCore: names of the provider's network (IPv4 /16, IPv6 /32) and of its own
 * (/24, /48). The names are keyed hashes, because traces contain them. Undefined for text that is not an address.
 */
export function localityOf(address: string): string | undefined {
  const networks = LEVELS.map((bits) => networkPrefix(address, bits));
  return networks.includes(undefined)
    ? undefined
    : networks.map((network) => nameOf(network ?? '')).join('/');
}

function nameOf(network: string): string {
  return createHmac('sha256', KEY).update(network).digest('hex').slice(0, 8);
}
