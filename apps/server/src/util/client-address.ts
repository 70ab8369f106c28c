import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Which proxies may say where a request came from: a number of hops, or a function of a hop's address and of its number
 * from the server (0 is the connection itself). Express takes the same for its `trust proxy`.
 */
export type ProxyTrust = number | ((address: string, hop: number) => boolean);

export interface Handshake {
  /** Of the connection. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * The client's address: the connection's, or, if that is a trusted proxy, the X-Forwarded-For entry that it added, and
 * so on. The one place where this is decided. An entry that is no address ends the way: its writer counts as the client.
 */
export function clientAddress({ address, headers }: Handshake, trust: ProxyTrust): string {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  let client = plainAddress(address) ?? address;
  for (let hop = 0; isTrusted(client, hop, trust); hop++) {
    const written = forwarded.pop()?.trim();
    if (written === '') {
      hop--;
      continue;
    }
    const next = written === undefined ? undefined : plainAddress(written);
    if (next === undefined) break;
    client = next;
  }
  return client;
}

/** Whether the address is that of a proxy that the operator has not declared: it says nothing about the client. */
export function isBehindUnknownProxy({ address, headers }: Handshake, trust: ProxyTrust): boolean {
  const isForwarded = (headers['x-forwarded-for'] ?? headers['forwarded']) !== undefined;
  return isForwarded && !isTrusted(plainAddress(address) ?? address, 0, trust);
}

/** @param ranges addresses and CIDR ranges of proxies @throws Error if one is neither */
export function trustRanges(ranges: readonly string[]): ProxyTrust {
  const parsed = ranges.map((range) => {
    // The parser also takes `11` for 0.0.0.11.
    if (isIP(range.split('/', 1)[0] ?? '') === 0) throw new RangeError(`not an address: ${range}`);
    const [base, bits] = range.includes('/') ? ipaddr.parseCIDR(range) : [ipaddr.process(range), 128];
    return { bytes: base.toByteArray(), bits };
  });
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    const bytes = ipaddr.process(address).toByteArray();
    return parsed.some((range) => range.bytes.length === bytes.length && sharesBits(bytes, range));
  };
}

function sharesBits(
  bytes: readonly number[],
  range: { readonly bytes: readonly number[]; readonly bits: number },
): boolean {
  return range.bytes.every((byte, i) => {
    const outside = Math.max(0, Math.min(8, 8 * (i + 1) - range.bits));
    return (byte ^ (bytes[i] ?? 0)) >> outside === 0;
  });
}

function isTrusted(address: string, hop: number, trust: ProxyTrust): boolean {
  return typeof trust === 'number' ? hop < trust : trust(address, hop);
}

/** Without a port, brackets, or the IPv6 form of an IPv4 address. undefined: not an address */
function plainAddress(text: string): string | undefined {
  const [, bracketed] = /^\[([0-9a-f:.]+)\](?::\d{1,5})?$/i.exec(text) ?? [];
  const [, beforePort] = /^(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}):\d{1,5}$/.exec(text) ?? [];
  const plain = bracketed ?? beforePort ?? text;
  if (isIP(plain) === 0 || !ipaddr.isValid(plain)) return undefined;
  return ipaddr.process(plain).toString();
}
