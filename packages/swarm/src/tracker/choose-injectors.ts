import { type Millis, pieceCount } from '@freshet/protocol';
import type { TrackedPeer } from './tracked-peer.ts';
import type { Injector } from './tracker-event.ts';

/** One injector takes at least this many pieces: more requests to the origin would cost more than they spread. */
const PIECES_EACH = 3;
/** Injectors of one copy. */
const MAX_INJECTORS = 4;
/** A viewer is settled, and asked before newcomers, after this time. */
const SETTLED_MS = 4000;
/**
 * Bounds of a viewer's weight: its uplink is its own word. A line faster than two copies adds none, as nobody gives more
 * by default; a higher bound gave the turn to so few that others went to the origin.
 */
const MIN_WEIGHT = 0.25;
const MAX_WEIGHT = 1;

/** A segment to be injected. */
export interface Load {
  readonly bytes: number;
  readonly durationMs: Millis;
}

/** Whether a viewer is one to rely on: it has been here for a while and was not late of late. */
export function isReady(peer: TrackedPeer, now: Millis): boolean {
  return now - peer.joinedAt >= SETTLED_MS && now >= peer.passedOverUntil;
}

/**
 * Splits one copy of a segment over viewers of one connected part. Those who were late are passed over as long as there
 * are others; settled ones go before newcomers; and among them those that injected least so far for what their uplink
 * carries, so that the turn goes round.
 * @param candidates viewers that follow the rendition, give, and have neighbours.
 * @param most injectors at most.
 * @param random in [0, 1): breaks ties, so that no peer id is favoured.
 */
export function chooseInjectors(
  candidates: readonly TrackedPeer[],
  load: Load,
  now: Millis,
  random: () => number,
  most: number = MAX_INJECTORS,
): readonly Injector[] {
  const pieces = pieceCount(load.bytes);
  const wanted = Math.min(most, MAX_INJECTORS, Math.max(1, Math.floor(pieces / PIECES_EACH)));
  const ranked = rank(candidates, now, random).slice(0, wanted);
  return ranked.map((peer, i) => {
    const first = Math.floor((i * pieces) / ranked.length);
    const end = Math.floor(((i + 1) * pieces) / ranked.length);
    peer.turn += (load.bytes * (end - first)) / pieces / weightOf(peer, load);
    return { peer: peer.id, first, count: end - first };
  });
}

function rank(candidates: readonly TrackedPeer[], now: Millis, random: () => number): readonly TrackedPeer[] {
  return candidates
    .map((peer) => ({
      peer,
      late: now < peer.passedOverUntil ? 1 : 0,
      unsettled: now - peer.joinedAt < SETTLED_MS ? 1 : 0,
      tie: random(),
    }))
    .sort(
      (a, b) => a.late - b.late || a.unsettled - b.unsettled || a.peer.turn - b.peer.turn || a.tie - b.tie,
    )
    .map(({ peer }) => peer);
}

/** What a viewer's uplink can carry beyond one copy of the stream, in copies; 1 as long as nothing was measured. */
function weightOf(peer: TrackedPeer, { bytes, durationMs }: Load): number {
  if (peer.uplinkKbps === undefined || durationMs <= 0) return 1;
  const spare = peer.uplinkKbps / ((bytes * 8) / durationMs) - 1;
  return Math.min(MAX_WEIGHT, Math.max(MIN_WEIGHT, spare));
}
