import type { Millis } from '@freshet/protocol';
import type { Feedback, Stamp } from '../network/sim-link.ts';

/**
 * Feedback is due after about `FEEDBACK_BYTES`, after `FEEDBACK_WITHIN_MS`, and at the end of a piece, but at most once
 * in `FEEDBACK_EVERY_MS`.
 */
const FEEDBACK_BYTES = 6000;
const FEEDBACK_WITHIN_MS = 100;
const FEEDBACK_EVERY_MS = 40;
/** Frames before a pause of this length say nothing about the queue after it. */
const PAUSE_MS = 100;

/** A receiver's record of the frames that arrive over one link. */
export class ArrivalMeter {
  #bytes = 0;
  #least: { readonly stamp: Stamp; readonly delay: Millis } | undefined;
  #at: Millis = Number.NEGATIVE_INFINITY;
  #toldAt: Millis = Number.NEGATIVE_INFINITY;

  /**
   * @param delay of the frame: arrival on the receiver's clock - time stamp on the sender's
   * @returns the feedback to send; undefined: none is due.
   */
  arrived(stamp: Stamp, bytes: number, delay: Millis, endsPiece: boolean, now: Millis): Feedback | undefined {
    if (this.#bytes === 0 || now - this.#at > PAUSE_MS) {
      this.#bytes = 0;
      this.#least = undefined;
    }
    if (this.#least === undefined || delay < this.#least.delay) this.#least = { stamp, delay };
    this.#bytes += bytes;
    this.#at = now;
    const isDue = endsPiece || this.#bytes >= FEEDBACK_BYTES || now - this.#toldAt >= FEEDBACK_WITHIN_MS;
    if (!isDue || now - this.#toldAt < FEEDBACK_EVERY_MS) return undefined;
    this.#bytes = 0;
    this.#toldAt = now;
    const { sentAt, sentBytes, run, heldMs } = this.#least.stamp;
    return { sentAt, sentBytes, run, heldMs, delay: this.#least.delay };
  }
}
