import { BlockList, isIP } from 'node:net';
import { SourceFault } from '../../stream/source-fault.ts';

/**
 * The network class of an address. Link-local is a class of its own because cloud machines serve their credentials
 * there.
 */
export type AddressReach = 'public' | 'private' | 'link-local';

const LINK_LOCAL = blockList(['169.254.0.0', 16], ['fe80::', 10]);
const PRIVATE = blockList(
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 127],
  // Addresses that embed an IPv4 address can lead anywhere.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['ff00::', 8],
);

/** Classifies an address by the IANA special-purpose registries. @param address an IP address */
export function addressReach(address: string): AddressReach {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  const family = isIP(mapped) === 6 ? 'ipv6' : 'ipv4';
  if (LINK_LOCAL.check(mapped, family)) return 'link-local';
  return PRIVATE.check(mapped, family) ? 'private' : 'public';
}

/**
 * Decides which addresses a source may send us to. The host that the operator configured may be anywhere. A redirect or
 * a playlist may lead from a public source only to public addresses, and from a private one to no link-local address:
 * otherwise a broadcaster's server could read what only this machine can reach, and publish it.
 */
export class AddressGuard {
  readonly #configuredHost: string;
  /** Class of the configured host's last address. `public`, the strictest, until it is known. */
  #reach: AddressReach = 'public';

  constructor(configuredUrl: string) {
    this.#configuredHost = hostOf(configuredUrl);
    if (isIP(this.#configuredHost) !== 0) this.#reach = addressReach(this.#configuredHost);
  }

  /** Whether a connection to `host` at this address is allowed. */
  allows(host: string, address: string): boolean {
    const reach = addressReach(address);
    if (host === this.#configuredHost) {
      this.#reach = reach;
      return true;
    }
    if (reach === 'public' || reach === this.#reach) return true;
    return reach === 'private' && this.#reach === 'link-local';
  }

  /**
   * Checks a URL whose host is an IP address, because such a host is never resolved. Names are checked at resolution.
   * @throws SourceFault
   */
  checkUrl(url: string): void {
    const host = hostOf(url);
    if (isIP(host) !== 0 && !this.allows(host, host)) throw refusedAddress(host);
  }
}

export function refusedAddress(host: string): SourceFault {
  return new SourceFault('address', `the source refers to ${host}, which is not allowed`);
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

function blockList(...subnets: readonly (readonly [address: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets)
    list.addSubnet(address, prefix, address.includes(':') ? 'ipv6' : 'ipv4');
  return list;
}
