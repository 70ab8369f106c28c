import { isIP } from 'node:net';
import { areOnOneMachine, areTogether, type Place } from './place.ts';
import { reachOf } from './reach.ts';

/** One candidate, in characters: the longest that a browser writes is under 300. */
const MAX_LENGTH = 512;
/** Ports below belong to services. TURN servers may relay from these three of them. */
const FIRST_PORT = 1024;
const TURN_PORTS: ReadonlySet<number> = new Set([443, 3478, 5349]);

const MDNS_NAME = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.local$/i;
const ICE_TEXT = /^[\d+/a-z]{1,32}$/i;
const NUMBER = /^\d{1,10}$/;
/** Extensions that are relayed, and the form of their values. Others, such as `tcptype`, are left out. */
const EXTENSIONS: Readonly<Record<string, RegExp>> = {
  generation: NUMBER,
  ufrag: /^[\d+/a-z]{4,256}$/i,
  'network-id': NUMBER,
  'network-cost': NUMBER,
};

/** The two ends of a call, and which of the sender's paths may be used. */
export interface Way {
  readonly from: Place | undefined;
  readonly to: Place | undefined;
  /** `relayed`: TURN alone. `same-network`: addresses of the sender's own network. */
  readonly paths: 'any' | 'relayed' | 'same-network';
}

/**
 * `invalid`: no browser writes this, or to no viewer is it an address. `unusable`: well-formed, but not for this pair;
 * honest browsers send such candidates, too.
 */
export type CandidateFault = 'invalid' | 'unusable';

/**
 * Checks a candidate (RFC 8839, section 5.1), which makes the receiver's browser send packets to an address of the
 * sender's choice.
 * @returns the candidate written anew from its parts, without the related address, which only informs
 */
export function screenCandidate(text: string, way: Way): { readonly candidate: string } | CandidateFault {
  if (text.length > MAX_LENGTH || !text.startsWith('candidate:')) return 'invalid';
  const [foundation = '', component, transport, priority = '', address = '', port = '', typ, type, ...rest] =
    text.slice('candidate:'.length).trimEnd().split(' ');
  if (!ICE_TEXT.test(foundation) || !NUMBER.test(priority) || typ !== 'typ') return 'invalid';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return 'invalid';
  if (type !== 'host' && type !== 'srflx' && type !== 'relay')
    return type === 'prflx' ? 'unusable' : 'invalid';
  const kept = keptExtensions(rest);
  if (kept === undefined) return 'invalid';
  const isName = MDNS_NAME.test(address);
  if (isName ? type !== 'host' : isIP(address) === 0) return 'invalid';
  // A browser that does not hide its addresses names those of all its interfaces.
  if (!isName && reachOf(address) === 'nowhere') return 'unusable';
  // Browsers offer TCP as well. Over it, they would open connections to services that listen there.
  if (transport?.toLowerCase() !== 'udp' || component !== '1') return 'unusable';
  if (!isPort(Number(port), type) || !isOn(way.paths, type)) return 'unusable';
  if (!isName && !mayReach(address, type, way)) return 'unusable';
  const related = type === 'host' ? '' : ` raddr ${address.includes(':') ? '::' : '0.0.0.0'} rport 0`;
  return {
    candidate: `candidate:${foundation} 1 udp ${priority} ${address} ${port} typ ${type}${related}${kept}`,
  };
}

function isPort(port: number, type: string): boolean {
  return port >= FIRST_PORT || (type === 'relay' && TURN_PORTS.has(port));
}

function isOn(paths: Way['paths'], type: string): boolean {
  if (paths === 'relayed') return type === 'relay';
  return paths === 'any' || type === 'host';
}

function mayReach(address: string, type: string, { from, to, paths }: Way): boolean {
  const reach = reachOf(address);
  const isOwn = address === from?.address;
  if (reach === 'loopback') return areOnOneMachine(from, to);
  if (reach === 'local') return isOwn || areTogether(from, to);
  // An office with public addresses: a host's own is the one that the server sees.
  return paths !== 'same-network' || (type === 'host' && isOwn);
}

/** @returns undefined unless they are pairs of a name and a value */
function keptExtensions(parts: readonly string[]): string | undefined {
  if (parts.length % 2 !== 0 || parts.includes('')) return undefined;
  let kept = '';
  for (let i = 0; i < parts.length; i += 2) {
    const [name = '', value = ''] = [parts[i], parts[i + 1]];
    const form = Object.hasOwn(EXTENSIONS, name) ? EXTENSIONS[name] : undefined;
    if (form === undefined) continue;
    if (!form.test(value)) return undefined;
    kept += ` ${name} ${value}`;
  }
  return kept;
}
