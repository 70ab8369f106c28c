import { type Millis, pieceCount } from '@freshet/protocol';
import type { TrackedPeer } from '../cells/tracked-peer.ts';
import type { Injector } from '../api/tracker-event.ts';

/** The fewest pieces of one injector: more requests to the origin would cost more than they gain. */
const PIECES_EACH = 2;
/** The most injectors of one copy. */
const MAX_INJECTORS = 6;
/** The time after joining from which a viewer counts as settled and is asked before newcomers. */
const SETTLED_MS = 4000;
/**
 * Bounds of a viewer's weight: the copies of the stream that its uplink carries. The uplink is self-reported. A line
 * faster than two copies adds no weight, because no viewer uploads more by default. The slowest viewer is still asked
 * now and then, because its uplink would otherwise never be measured.
 */
const MIN_WEIGHT = 0.05;
const MAX_WEIGHT = 2;
/** The weight of a viewer whose uplink was not measured. */
const UNKNOWN_WEIGHT = 0.75;

/** The size of a segment to inject. */
export interface Load {
  readonly bytes: number;
  readonly durationMs: Millis;
}

/** Whether a viewer is reliable: it joined some time ago, and is not passed over. */
export function isReady(peer: TrackedPeer, now: Millis): boolean {
  return now - peer.joinedAt >= SETTLED_MS && !isPassedOver(peer, now);
}

/** It injected late, or for a while only itself has said that it has links: nobody might get its pieces. */
function isPassedOver(peer: TrackedPeer, now: Millis): boolean {
  return now < peer.passedOverUntil || peer.isUnconfirmed(now);
}

/**
 * Splits one copy of a segment over viewers of one connected component. Viewers that injected late are passed over
 * while there are others, and settled viewers are asked before newcomers. Among the rest the viewers that injected
 * least for their uplink are asked first, so that in the long run each injects in proportion to its uplink.
 * @param candidates viewers that follow the rendition, upload, and have neighbours.
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

/**
 * Assigns each piece to the viewer that injected least for its uplink.
 * @returns the number of pieces of each viewer.
 */
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
      late: isPassedOver(peer, now) ? 1 : 0,
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

/**
 * Starts newcomers at the lowest load of the others: from 0 they would be asked to catch up with all that the others
 * injected before.
 */
function startLevel(candidates: readonly TrackedPeer[]): void {
  let least = Number.POSITIVE_INFINITY;
  for (const { injectionLoad } of candidates) if (injectionLoad > 0) least = Math.min(least, injectionLoad);
  if (!Number.isFinite(least)) return;
  for (const peer of candidates) if (peer.injectionLoad === 0) peer.injectionLoad = least;
}

/** The copies of the stream that a viewer's uplink carries. */
function weightOf(peer: TrackedPeer, { bytes, durationMs }: Load): number {
  if (peer.uplinkKbps === undefined || durationMs <= 0) return UNKNOWN_WEIGHT;
  return Math.min(MAX_WEIGHT, Math.max(MIN_WEIGHT, peer.uplinkKbps / ((bytes * 8) / durationMs)));
}
