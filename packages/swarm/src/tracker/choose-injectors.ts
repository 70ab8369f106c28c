import { type Millis, pieceCount } from '@freshet/protocol';
import type { TrackedPeer } from './tracked-peer.ts';
import type { Injector } from './tracker-event.ts';

/** One injector takes at least this many pieces: more requests to the origin would cost more than they spread. */
const PIECES_EACH = 2;
/** Injectors of one copy. */
const MAX_INJECTORS = 6;
/** A viewer is settled, and asked before newcomers, after this time. */
const SETTLED_MS = 4000;
/**
 * Bounds of a viewer's weight, in copies of the stream that its uplink carries: it is its own word. A line faster than two
 * copies adds none, as nobody gives more by default; and the thinnest is asked now and again, or it would never be measured.
 */
const MIN_WEIGHT = 0.05;
const MAX_WEIGHT = 2;
/** As long as its uplink was not measured. */
const UNKNOWN_WEIGHT = 0.75;

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
 * Splits one copy of a segment over viewers of one connected component. Those who were late are passed over as long as there
 * are others; settled ones go before newcomers; and among them those that injected least so far for what their uplink
 * carries, so that in the long run each injects in proportion to it.
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
  startLevel(candidates);
  const ranked = rank(candidates, now, random).slice(0, wanted);
  const counts = shareOut(ranked, load, pieces);
  let first = 0;
  return ranked.flatMap((peer, i) => {
    const count = counts[i] ?? 0;
    if (count === 0) return [];
    first += count;
    return [{ peer: peer.id, first: first - count, count }];
  });
}

/** Each piece goes to whoever has injected least for what its uplink carries. @returns how many each takes. */
function shareOut(peers: readonly TrackedPeer[], load: Load, pieces: number): readonly number[] {
  const counts = peers.map(() => 0);
  for (let piece = 0; piece < pieces; piece++) {
    let next = 0;
    for (let i = 1; i < peers.length; i++) if (turnOf(peers[i]) < turnOf(peers[next])) next = i;
    const peer = peers[next];
    if (peer === undefined) break;
    counts[next] = (counts[next] ?? 0) + 1;
    peer.injectionLoad += load.bytes / pieces / weightOf(peer, load);
  }
  return counts;
}

function turnOf(peer: TrackedPeer | undefined): number {
  return peer?.injectionLoad ?? Number.POSITIVE_INFINITY;
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
      (a, b) =>
        a.late - b.late ||
        a.unsettled - b.unsettled ||
        a.peer.injectionLoad - b.peer.injectionLoad ||
        a.tie - b.tie,
    )
    .map(({ peer }) => peer);
}

/** A newcomer starts where the others are: from nothing it would be asked for all that they injected before it came. */
function startLevel(candidates: readonly TrackedPeer[]): void {
  let least = Number.POSITIVE_INFINITY;
  for (const { injectionLoad } of candidates) if (injectionLoad > 0) least = Math.min(least, injectionLoad);
  if (!Number.isFinite(least)) return;
  for (const peer of candidates) if (peer.injectionLoad === 0) peer.injectionLoad = least;
}

/** Copies of the stream that a viewer's uplink carries. */
function weightOf(peer: TrackedPeer, { bytes, durationMs }: Load): number {
  if (peer.uplinkKbps === undefined || durationMs <= 0) return UNKNOWN_WEIGHT;
  return Math.min(MAX_WEIGHT, Math.max(MIN_WEIGHT, peer.uplinkKbps / ((bytes * 8) / durationMs)));
}
