import type { SegmentKey } from '@freshet/protocol';
import { setBounded } from '../util/bounded-map.ts';

/** Segments that the origin was judged by last. */
const JUDGED = 10;
/** So many of them that do not match are no accident. One may have been cut off, or changed under us. */
const DIFFERENT = 3;

/**
 * Detects an origin that gives this viewer segments of its own: bytes that come from the origin itself fail to match the
 * piece lists repeatedly. Watermarks are made of two variants of each segment, so that half of the segments match.
 */
export class WatermarkDetector {
  readonly #judged = new Map<SegmentKey, boolean>();

  /** @param matches of one transfer; a segment that differed once does. @returns whether it is so, by all that was seen */
  judge(segment: SegmentKey, matches: boolean): boolean {
    const before = this.#judged.get(segment) ?? true;
    setBounded(this.#judged, segment, before && matches, JUDGED);
    return [...this.#judged.values()].filter((good) => !good).length >= DIFFERENT;
  }
}
