import type { Millis } from '@freshet/protocol';
import type { Matchmaker } from './matchmaker.ts';
import type { SwarmComponent, SwarmComponents } from './cells/swarm-components.ts';
import type { TrackedPeer } from './cells/tracked-peer.ts';

/**
 * The time after which a viewer that was introduced to another component is introduced again, if its own is still
 * apart.
 */
const RETRY_MS = 4000;
/** Introductions that are made for one component at a time. */
const WAYS = 2;
/** Components that are joined at a time. The others follow with the next segment. */
const MAX_COMPONENTS = 64;
/** Viewers of a component that are considered at a time. */
const HEADS = 32;

/**
 * Introduces every component of a rendition's followers, and every viewer without an uploading neighbour, to the
 * largest component.
 */
export function bridgeComponents(
  { components, stranded }: SwarmComponents,
  matchmaker: Matchmaker,
  now: Millis,
  random: () => number,
): void {
  const [main, ...others] = components;
  if (main === undefined) return;
  let joined = 0;
  for (const component of others) {
    if (joined >= MAX_COMPONENTS) return;
    const givers = component.cellComponents.flatMap(({ givers }) => givers.slice(0, HEADS));
    const ends = givers
      .filter((peer) => now - peer.bridgedAt >= RETRY_MS)
      .map((peer) => ({ peer, seatsTaken: matchmaker.seatsTaken(peer, now) }))
      .sort((a, b) => a.seatsTaken - b.seatsTaken)
      .slice(0, WAYS);
    for (const { peer } of ends) matchmaker.bridge(peer, heads(main, peer, random), now);
    if (ends.length > 0) joined++;
  }
  for (const peer of stranded) {
    if (joined >= MAX_COMPONENTS) return;
    if (now - peer.bridgedAt < RETRY_MS) continue;
    matchmaker.bridge(peer, heads(main, peer, random), now);
    joined++;
  }
}

/**
 * Givers of the main component: half of the time in the viewer's own cell, if there are any, otherwise in a random
 * cell.
 */
function heads(main: SwarmComponent, peer: TrackedPeer, random: () => number): readonly TrackedPeer[] {
  // Not always the own cell: its few givers may be full or out of reach, and a retry should then try another cell.
  const near = random() < 0.5;
  const own = near ? main.cellComponents.find(({ cell }) => cell.members.has(peer.id)) : undefined;
  const { givers } = own ??
    main.cellComponents[Math.floor(random() * main.cellComponents.length)] ?? { givers: [] };
  const start = Math.floor(random() * givers.length);
  return [...givers.slice(start), ...givers.slice(0, start)].slice(0, HEADS);
}
