import type { Millis } from '@freshet/protocol';
import type { Matchmaker } from './matchmaker.ts';
import type { SwarmComponent, SwarmComponents } from './swarm-components.ts';
import type { TrackedPeer } from './tracked-peer.ts';

/** A viewer that was given a way out of its component is given another after this time, if that is still alone. */
const RETRY_MS = 4000;
/** Ways that are made for one component at a time. */
const WAYS = 2;
/** Components that are joined at one time. The others follow with the next segment. */
const MAX_COMPONENTS = 64;
/** Viewers of the main component that are looked at for one way. */
const HEADS = 32;

/** Links every component of a rendition's followers with the largest one, and viewers to whom nobody gives. */
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

/** Givers of the main component in the viewer's own cell if it has any there, else in one by chance. */
function heads(main: SwarmComponent, peer: TrackedPeer, random: () => number): readonly TrackedPeer[] {
  // After a failure elsewhere too: the same few may be full, or out of reach.
  const near = random() < 0.5;
  const own = near ? main.cellComponents.find(({ cell }) => cell.members.has(peer.id)) : undefined;
  const { givers } = own ??
    main.cellComponents[Math.floor(random() * main.cellComponents.length)] ?? { givers: [] };
  const start = Math.floor(random() * givers.length);
  return [...givers.slice(start), ...givers.slice(0, start)].slice(0, HEADS);
}
