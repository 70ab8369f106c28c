import type { Millis } from '@freshet/protocol';
import type { OriginEstimate } from './origin-estimate.ts';
import { leadMs } from './lead-time.ts';
import type { AnnouncedSegment } from '../segments/segment-state.ts';

/** A pause of this length ends a train of pieces: later pieces do not measure the line before it. */
const PAUSE_MS = 150;
/** A train of this many bytes is a sample. */
const SAMPLE_BYTES = 64 * 1024;
/**
 * The line is as fast as the best sample, which fades with each worse one, by half in some 35. With too high an
 * estimate pieces arrive twice, as they do without one; with too low a one the origin delivers what neighbours could
 * have.
 */
const FADE = 0.98;

/** A line of less than this many times the bitrate is thin. */
const THIN_FACTOR = 1.6;

/** The bandwidth of this viewer's own line, over all sources together. */
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

  /** A piece arrived from any source. The first of a train does not count: when it began to arrive is not known. */
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
   * Whether the line carries little more than the stream, so that a later segment would take bandwidth from the current
   * one.
   * @param bitrate of the renditions that the player follows, in bytes a millisecond; undefined: not known.
   */
  isThin(bitrate: number | undefined): boolean {
    return bitrate !== undefined && Math.max(this.#rate, this.#origin.bestRate) < THIN_FACTOR * bitrate;
  }

  /** How long the origin needs for so many bytes. */
  originNeedMs(bytes: number): Millis {
    return this.#origin.needMs(bytes);
  }

  /**
   * Whether the missing pieces have to come from the origin, and the line has no time left to receive them twice: an
   * additional request to a neighbour would slow the origin's transfer down.
   * @param leftMs until the playhead reaches the segment.
   */
  isTight(segment: AnnouncedSegment, leftMs: Millis): boolean {
    const room = leftMs * Math.max(this.#rate, this.#origin.rate);
    if (this.#rate === 0 || segment.origin.failures > 0 || 2 * segment.bytes <= room) return false;
    const { missingBytes } = segment;
    if (2 * missingBytes <= room) return false;
    return leftMs <= leadMs(this.#origin.needMs(missingBytes), segment.durationMs);
  }
}
