import type { Millis } from '@freshet/protocol';
import type { SegmentState } from './segment-state.ts';

/** How long a requested segment is kept: other viewers near that position will request it, too. */
const SOUGHT_MS = 30_000;

/**
 * The least needed of these segments, which are ordered oldest first: one that no neighbour requested lately before one
 * that a neighbour did; among those the one that most neighbours have; among those the oldest.
 */
export function leastNeeded(
  segments: readonly SegmentState[],
  now: Millis,
  copiesOf: (segment: SegmentState) => number,
): SegmentState | undefined {
  const worth = (segment: SegmentState) =>
    (now - segment.soughtAt < SOUGHT_MS ? 1000 : 0) - copiesOf(segment);
  let least: SegmentState | undefined;
  for (const segment of segments) if (least === undefined || worth(segment) < worth(least)) least = segment;
  return least;
}
