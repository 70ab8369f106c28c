import { createHmac, randomBytes } from 'node:crypto';
import { networkPrefix } from '../util/network-prefix.ts';

/** New in each process, so that an address cannot be found from its name. */
const KEY = randomBytes(32);
const PROVIDER = { v4: 16, v6: 32 };
const OWN = { v4: 24, v6: 48 };

/**
 * A viewer's place in the network, for TrackerCore: names of the provider's network (IPv4 /16, IPv6 /32) and of its own
 * (/24, /48). The names are keyed hashes, because traces contain them. Undefined for text that is not an address.
 */
export function localityOf(address: string): string | undefined {
  const [provider, own] = [networkPrefix(address, PROVIDER), networkPrefix(address, OWN)];
  if (provider === undefined || own === undefined) return undefined;
  return `${nameOf(provider)}/${nameOf(own)}`;
}

/** The name of the viewer's own network alone. */
export function networkOf(address: string): string | undefined {
  const network = networkPrefix(address, OWN);
  return network === undefined ? undefined : nameOf(network);
}

function nameOf(network: string): string {
  return createHmac('sha256', KEY).update(network).digest('hex').slice(0, 8);
}
