import type { Millis } from '@freshet/protocol';
import type { Matchmaker } from './matchmaker.ts';
import type { SwarmPart, SwarmParts } from './swarm-parts.ts';
import type { TrackedPeer } from './tracked-peer.ts';

/** A viewer that was given a way out of its part is given another after this time, if the part is still alone. */
const RETRY_MS = 4000;
/** Ways that are made for one part at a time. */
const WAYS = 2;
/** Parts that are joined at one time. The others' turn comes with the next segment. */
const MAX_PARTS = 64;
/** Viewers of the main part that are looked at for one way. */
const HEADS = 32;

/** Links every part of a rendition's followers with the largest of them, and whoever has nobody that gives. */
export function bridgeParts(
  { parts, stranded }: SwarmParts,
  matchmaker: Matchmaker,
  now: Millis,
  random: () => number,
): void {
  const [main, ...others] = parts;
  if (main === undefined) return;
  let joined = 0;
  for (const part of others) {
    if (joined >= MAX_PARTS) return;
    const givers = part.cellParts.flatMap((cellPart) => cellPart.givers.slice(0, HEADS));
    const ends = givers
      .filter((peer) => now - peer.bridgedAt >= RETRY_MS)
      .map((peer) => ({ peer, seatsTaken: matchmaker.seatsTaken(peer, now) }))
      .sort((a, b) => a.seatsTaken - b.seatsTaken)
      .slice(0, WAYS);
    for (const { peer } of ends) matchmaker.bridge(peer, heads(main, peer, random), now);
    if (ends.length > 0) joined++;
  }
  for (const peer of stranded) {
    if (joined >= MAX_PARTS) return;
    if (now - peer.bridgedAt < RETRY_MS) continue;
    matchmaker.bridge(peer, heads(main, peer, random), now);
    joined++;
  }
}

/** Givers of the main part in the viewer's own cell if it has any there, else in one by chance. */
function heads(main: SwarmPart, peer: TrackedPeer, random: () => number): readonly TrackedPeer[] {
  // After a failure elsewhere too: the same few may be full, or out of reach.
  const near = random() < 0.5;
  const own = near ? main.cellParts.find(({ cell }) => cell === peer.cell) : undefined;
  const { givers } = own ?? main.cellParts[Math.floor(random() * main.cellParts.length)] ?? { givers: [] };
  const start = Math.floor(random() * givers.length);
  return [...givers.slice(start), ...givers.slice(0, start)].slice(0, HEADS);
}
