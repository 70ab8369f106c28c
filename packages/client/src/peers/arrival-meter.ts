import { type FeedbackFrame, type PeerId, toTicks } from '@freshet/protocol';

/**
 * Feedback is due after about this many bytes, after this time, and at the end of a piece, but no more often than
 * `FEEDBACK_EVERY_MS`.
 */
const FEEDBACK_BYTES = 6000;
const FEEDBACK_WITHIN_MS = 100;
const FEEDBACK_EVERY_MS = 40;
/** Frames from before a pause of this length say nothing about the queue after it. */
const PAUSE_MS = 100;

interface Arrivals {
  bytes: number;
  /** Of the frame with the smallest delay, in ticks, modulo 2^32. */
  least: { readonly delay: number; readonly sentAt: number };
  at: number;
  toldAt: number;
}

/** Measures how a neighbour's frames arrive, which the neighbour needs to pace them. */
export class ArrivalMeter {
  readonly #peers = new Map<PeerId, Arrivals>();

  /** A `piece` frame arrived. @param ends whether it completes the piece. @returns the feedback that is due. */
  arrived(
    peer: PeerId,
    frame: { readonly sentAt: number; readonly bytes: number },
    ends: boolean,
    now: number,
  ): FeedbackFrame | undefined {
    const taken = { delay: (toTicks(now) - frame.sentAt) >>> 0, sentAt: frame.sentAt };
    let arrivals = this.#peers.get(peer);
    if (arrivals === undefined) {
      arrivals = { bytes: 0, least: taken, at: now, toldAt: Number.NEGATIVE_INFINITY };
      this.#peers.set(peer, arrivals);
    }
    if (arrivals.bytes === 0 || now - arrivals.at > PAUSE_MS) arrivals.least = taken;
    // A signed difference, since both are modulo 2^32.
    if (((taken.delay - arrivals.least.delay) | 0) < 0) arrivals.least = taken;
    arrivals.bytes += frame.bytes;
    arrivals.at = now;
    const sinceMs = now - arrivals.toldAt;
    const isDue = ends || arrivals.bytes >= FEEDBACK_BYTES || sinceMs >= FEEDBACK_WITHIN_MS;
    if (!isDue || sinceMs < FEEDBACK_EVERY_MS) return undefined;
    arrivals.bytes = 0;
    arrivals.toldAt = now;
    return { type: 'feedback', ...arrivals.least };
  }

  closed(peer: PeerId): void {
    this.#peers.delete(peer);
  }
}
