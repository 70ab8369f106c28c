import { LIMITS, type Millis, pieceCount } from '@freshet/protocol';
import type { Injector } from './tracker-event.ts';
import type { TrackedPeer } from './tracked-peer.ts';

/** One injector takes at least this many pieces: more requests to the origin would cost more than they spread. */
const PIECES_EACH = 3;
/** Injectors of one part of a swarm. */
const MAX_INJECTORS = 4;
/** A viewer is settled, and asked before newcomers, after this time. */
const SETTLED_MS = 4000;

/**
 * Splits one copy of a segment over viewers of one connected part: settled ones first, and among them those that
 * injected least so far, so that the turn goes round.
 * @param candidates viewers that follow the rendition, give, and have neighbours.
 * @param random in [0, 1): breaks ties, so that no peer id is favoured.
 */
export function chooseInjectors(
  candidates: readonly TrackedPeer[],
  bytes: number,
  now: Millis,
  random: () => number,
): readonly Injector[] {
  const pieces = pieceCount(bytes);
  const wanted = Math.min(MAX_INJECTORS, LIMITS.injectors, Math.max(1, Math.floor(pieces / PIECES_EACH)));
  const ranked = candidates
    .map((peer) => ({ peer, settled: now - peer.joinedAt >= SETTLED_MS ? 0 : 1, tie: random() }))
    .sort((a, b) => a.settled - b.settled || a.peer.injectedBytes - b.peer.injectedBytes || a.tie - b.tie)
    .slice(0, wanted);
  return ranked.map(({ peer }, i) => {
    const first = Math.floor((i * pieces) / ranked.length);
    const end = Math.floor(((i + 1) * pieces) / ranked.length);
    peer.injectedBytes += (bytes * (end - first)) / pieces;
    return { peer: peer.id, first, count: end - first };
  });
}
