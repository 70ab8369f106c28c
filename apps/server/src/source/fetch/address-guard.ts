import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { SourceFault } from '../../stream/source-fault.ts';
import { type AddressReach, addressReach } from './special-addresses.ts';

/** Names of hosts in private networks that are remembered. With more, every name counts as one. */
const MAX_PRIVATE_HOSTS = 256;

/** Which classes a redirect or a playlist may lead to, by the class of the configured host. */
const ALLOWED: Readonly<Record<AddressReach, readonly AddressReach[]>> = {
  public: ['public'],
  private: ['public', 'private'],
  loopback: ['public', 'private', 'loopback'],
  'link-local': ['public', 'private'],
  reserved: ['public'],
};

/** The classes that a configured name may have. For any other the operator has to write the address itself. */
const NAMED: readonly AddressReach[] = ['public', 'private', 'loopback'];

/**
 * Decides which addresses a source may send us to. The host that the operator configured may be anywhere, but a name
 * keeps the class of its first address: otherwise whoever controls the name could lead us to this machine later. A
 * redirect or a playlist may lead to public addresses, and from a private source to private ones: otherwise a
 * broadcaster's server could read what only this machine can reach, and publish it.
 */
export class AddressGuard {
  /** With the port, as URLs have it. */
  readonly #configured: string;
  readonly #configuredHost: string;
  readonly #unsniffedFrom: ReadonlySet<string>;
  /** Class of the configured host; undefined until its name is resolved. */
  #reach: AddressReach | undefined;
  /** Names of other hosts that were resolved to addresses that are not public. */
  readonly #privateHosts = new Set<string>();

  /**
   * @param unsniffedFrom hosts, or host:port, in private networks that may deliver what we cannot recognise as media
   */
  constructor(configuredUrl: string, unsniffedFrom: readonly string[] = []) {
    this.#configured = new URL(configuredUrl).host;
    this.#configuredHost = hostOf(configuredUrl);
    this.#unsniffedFrom = new Set(unsniffedFrom);
    if (isIP(this.#configuredHost) !== 0) this.#reach = addressReach(this.#configuredHost);
  }

  /** Whether a connection to `host` at this address is allowed. */
  allows(host: string, address: string): boolean {
    const reach = addressReach(address);
    if (host === this.#configuredHost) {
      if (isIP(host) !== 0) return true;
      if (NAMED.includes(reach)) this.#reach ??= reach;
      return reach === this.#reach;
    }
    const isAllowed = ALLOWED[this.#reach ?? 'public'].includes(reach);
    if (isAllowed && reach !== 'public' && this.#privateHosts.size <= MAX_PRIVATE_HOSTS)
      this.#privateHosts.add(host);
    return isAllowed;
  }

  /**
   * Checks a URL whose host is an IP address, because such a host is never resolved. Names are checked at resolution.
   * @throws SourceFault
   */
  checkUrl(url: string): void {
    const host = hostOf(url);
    if (isIP(host) !== 0 && !this.allows(host, host)) throw this.#refusal(host);
  }

  /**
   * Checks where a response came from whose content cannot be recognised as media (it is encrypted): in a private
   * network only the configured host and port may deliver it. Anything at another could otherwise be published as a
   * segment, encrypted in name only.
   * @param url after redirects @throws SourceFault
   */
  checkUnsniffed(url: string): void {
    const { host, hostname } = new URL(url);
    if (host === this.#configured || this.#unsniffedFrom.has(host) || this.#unsniffedFrom.has(hostname))
      return;
    if (this.#isPrivate(hostOf(url)))
      throw new SourceFault(
        'address',
        `what ${host} returned is not media, or encrypted, and ${host} is not the source's own host: allow it with --encrypted-from ${host}`,
      );
  }

  /** Resolves names for connections, and leaves out the addresses that are not allowed. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '');
        return;
      }
      const allowed = addresses.filter(({ address }) => this.allows(host, address));
      const [first] = allowed;
      if (first === undefined) callback(this.#refusal(host), '');
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };

  #isPrivate(host: string): boolean {
    if (isIP(host) !== 0) return addressReach(host) !== 'public';
    // Another port of the configured host.
    if (host === this.#configuredHost) return this.#reach !== 'public';
    return this.#privateHosts.has(host) || this.#privateHosts.size > MAX_PRIVATE_HOSTS;
  }

  #refusal(host: string): SourceFault {
    if (host !== this.#configuredHost)
      return new SourceFault('address', `the source refers to ${host}, which is not allowed`);
    return new SourceFault(
      'address',
      this.#reach === undefined
        ? `${host} has a link-local or reserved address: configure the address itself if that is intended`
        : `${host} no longer has a ${this.#reach} address: restart the stream if it has moved`,
    );
  }
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}
