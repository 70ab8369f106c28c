import { isIP } from 'node:net';
import { type Reach, reachOf } from './reach.ts';

/** Where a viewer's connection to the server comes from. */
export interface Place {
  readonly address: string;
  readonly reach: Reach;
  /** The name of its network (IPv4 /24, IPv6 /48). */
  readonly network: string;
}

/** @param address as the server sees it. @returns undefined for text that is not an address */
export function placeOf(address: string, network: string | undefined): Place | undefined {
  // A socket for both families writes IPv4 addresses as ::ffff:192.0.2.1.
  const plain = /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address;
  if (isIP(plain) === 0 || network === undefined) return undefined;
  return { address: plain, reach: reachOf(plain), network };
}

/**
 * Whether local addresses of one viewer mean the same machines to the other: they are in one network, or the server
 * itself is in their private network and sees both there.
 */
export function areTogether(a: Place | undefined, b: Place | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.network === b.network || (isInside(a) && isInside(b));
}

/** Whether both are on the server's machine. */
export function areOnOneMachine(a: Place | undefined, b: Place | undefined): boolean {
  return a?.reach === 'loopback' && b?.reach === 'loopback';
}

function isInside({ reach }: Place): boolean {
  return reach === 'local' || reach === 'loopback';
}
