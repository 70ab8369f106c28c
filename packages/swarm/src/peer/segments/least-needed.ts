import type { Millis } from '@freshet/protocol';
import type { SegmentState } from './segment-state.ts';

/** What a neighbour asked for is kept this long: others who play there will come to it. */
const SOUGHT_MS = 30_000;

/**
 * Which of these segments, oldest first, is missed least: one that no neighbour asked for lately, before one that
 * somebody did; among those the one that most neighbours have as well; among those the oldest.
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
