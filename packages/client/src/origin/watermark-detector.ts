import { type SegmentKey, setBounded } from '@freshet/protocol';

/** The number of latest segments that are considered. */
const JUDGED = 10;
/** This many mismatches among them are no accident. One may have been cut off, or changed meanwhile. */
const DIFFERENT = 3;

/**
 * Detects an origin that gives each viewer different segments: bytes from the origin itself repeatedly fail to match
 * the piece lists. Watermarks use two variants of each segment, so half of the segments match.
 */
export class WatermarkDetector {
  readonly #judged = new Map<SegmentKey, boolean>();

  /**
   * @param matches whether one transfer matched; a segment that differed once counts as different.
   * @returns whether the origin gives each viewer different segments, by all transfers so far
   */
  judge(segment: SegmentKey, matches: boolean): boolean {
    const before = this.#judged.get(segment) ?? true;
    setBounded(this.#judged, segment, before && matches, JUDGED);
    return [...this.#judged.values()].filter((good) => !good).length >= DIFFERENT;
  }
}
