import type { SegmentKey } from '@freshet/protocol';
import { remember } from './remember.ts';

/** Segments that the origin was judged by last. */
const JUDGED = 10;
/** So many of them that do not match are no accident. One may have been cut off, or changed under us. */
const DIFFERENT = 3;

/**
 * Whether the origin gives this viewer segments of its own: bytes that came from the origin itself do not match the
 * piece lists, again and again. With two variants of each segment, as watermarks are made, half of them do match.
 */
export class OriginTrust {
  readonly #judged = new Map<SegmentKey, boolean>();

  /** @param matches of one transfer; a segment that differed once does. @returns whether it is so, by all that was seen */
  judge(segment: SegmentKey, matches: boolean): boolean {
    const before = this.#judged.get(segment) ?? true;
    remember(this.#judged, segment, before && matches, JUDGED);
    return [...this.#judged.values()].filter((good) => !good).length >= DIFFERENT;
  }
}
