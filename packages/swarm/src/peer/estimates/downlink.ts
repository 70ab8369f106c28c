import type { Millis } from '@freshet/protocol';
import type { OriginEstimate } from './origin-estimate.ts';
import { leadMs } from '../origin/origin-rule.ts';
import type { SegmentState } from '../segments/segment-state.ts';

/** A pause of this length ends a train of pieces: what comes behind it says nothing about the line before. */
const PAUSE_MS = 150;
/** A train of so many bytes makes a sample. */
const SAMPLE_BYTES = 64 * 1024;
/**
 * The best sample is the line; it fades with each one that is worse, by half in some 35. Believed too fast, pieces come
 * twice, as they do where nothing is known; too slow, the origin is asked for what neighbours might have brought.
 */
const FADE = 0.98;

/** A line of less than this many times the bitrate is thin. */
const THIN_FACTOR = 1.6;

/** What this viewer's own line carries, from all sources together. */
export class Downlink {
  readonly #origin: OriginEstimate;
  /** Bytes a millisecond; 0 until a train was long enough. */
  #rate = 0;
  #since: Millis = Number.NEGATIVE_INFINITY;
  #at: Millis = Number.NEGATIVE_INFINITY;
  #bytes = 0;

  constructor(origin: OriginEstimate) {
    this.#origin = origin;
  }

  /** A piece came, wherever from. When the first one of a train began to come is not known: it does not count. */
  arrived(bytes: number, now: Millis): void {
    if (now - this.#at > PAUSE_MS) {
      this.#since = now;
      this.#bytes = 0;
    } else this.#bytes += bytes;
    this.#at = now;
    if (this.#bytes < SAMPLE_BYTES) return;
    this.#rate = Math.max(this.#bytes / Math.max(1, now - this.#since), this.#rate * FADE);
    this.#since = now;
    this.#bytes = 0;
  }

  /**
   * Whether the line carries little more than the stream, so that what is needed later would take the place of what is
   * needed now.
   * @param bitrate of what the player follows, in bytes a millisecond; undefined: not known.
   */
  isThin(bitrate: number | undefined): boolean {
    return bitrate !== undefined && Math.max(this.#rate, this.#origin.bestRate) < THIN_FACTOR * bitrate;
  }

  /** What the origin needs to bring so much. */
  originNeedMs(bytes: number): Millis {
    return this.#origin.needMs(bytes);
  }

  /**
   * Whether the origin is needed for what is missing, and the line has no time left for it to come twice: whoever is
   * asked as well takes the place of what it should only make sure of.
   * @param leftMs until the playhead is there.
   */
  isTight(segment: SegmentState, leftMs: Millis): boolean {
    const room = leftMs * Math.max(this.#rate, this.#origin.rate);
    if (this.#rate === 0 || segment.originFailures > 0 || 2 * segment.bytes <= room) return false;
    const { missingBytes } = segment;
    if (2 * missingBytes <= room) return false;
    return leftMs <= leadMs(this.#origin.needMs(missingBytes), segment.durationMs);
  }
}
