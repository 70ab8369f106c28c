import type { PeerId, SegmentKey } from '@freshet/protocol';

/** FNV-1a, 32 bit, with a final mix: cheap, the same on every machine, and random enough to spread work. */
export function hash32(text: string): number {
  return finished(mixed(OFFSET, text));
}

const OFFSET = 0x811c9dc5;

function mixed(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash;
}

function finished(mix: number): number {
  let hash = mix;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Rendezvous election without messages: `self`'s rank among its neighbours for a segment. Rank 0 goes first.
 * Peers with different neighbours may both have rank 0; `fetching` notices settle that.
 * Source: Thaler and Ravishankar, "A name-based mapping scheme for rendezvous", 1996.
 */
export function rendezvousRank(segment: SegmentKey, self: PeerId, neighbours: Iterable<PeerId>): number {
  // `hash32` of "segment peer" for each peer; the common prefix is hashed once.
  const begun = mixed(OFFSET, `${segment} `);
  const own = finished(mixed(begun, self));
  let rank = 0;
  for (const neighbour of neighbours) if (finished(mixed(begun, neighbour)) > own) rank++;
  return rank;
}
