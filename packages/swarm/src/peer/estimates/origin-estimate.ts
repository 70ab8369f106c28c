import type { Millis } from '@freshet/protocol';
import { RateEstimate } from './rate-estimate.ts';

/** Before the first transfer: 200 ms to the first byte, 2 Mbit/s. */
const FIRST_TTFB_MS = 200;
const FIRST_RATE = 250;

/** A shorter transfer ends before it shows the rate. */
const LONG_BYTES = 32 * 1024;
const FADE = 0.95;
/** As in TCP's timeout (RFC 6298), the first byte may take this many mean deviations longer than the mean. */
const DEVIATIONS = 2;
const DEVIATION_WEIGHT = 1 / 4;
/** The longest lag of this machine fades by half in the first of these times, and counts as at most the second. */
const LAG_HALVES_MS = 5000;
const MAX_LAG_MS = 2000;

/** How long the origin needs, estimated from its transfers. */
export class OriginEstimate {
  readonly #ttfb = new RateEstimate(FIRST_TTFB_MS, 0.3, 1);
  readonly #rate = new RateEstimate(FIRST_RATE, 0.3, 1);
  #deviationMs: Millis = 0;
  #lagMs: Millis = 0;
  #lagAt: Millis = 0;
  #measured = false;
  /** The best rate of transfers that are long enough to leave TCP's slow start; it fades with each worse one. */
  #best = FIRST_RATE;

  sample(bytes: number, ttfbMs: Millis, elapsedMs: Millis): void {
    if (bytes <= 0) return;
    const rate = bytes / Math.max(1, elapsedMs - ttfbMs);
    const isLong = bytes >= LONG_BYTES;
    if (isLong) this.#best = Math.max(rate, this.#measured ? this.#best * FADE : 0);
    if (this.#measured) {
      this.#deviationMs += DEVIATION_WEIGHT * (Math.abs(ttfbMs - this.#ttfb.value) - this.#deviationMs);
      this.#ttfb.sample(ttfbMs);
      // Bytes that fit into TCP's first window arrive at once, however slow the others would be.
      if (isLong || rate < this.#rate.value) this.#rate.sample(rate);
    } else {
      // A new viewer plans its second segment right after its first: replace the guess by the measurement.
      this.#ttfb.restart(ttfbMs);
      this.#deviationMs = ttfbMs / 2;
      this.#rate.restart(rate);
    }
    this.#measured = true;
  }

  /** This machine was so much later than planned: it is busy, or its page is hidden. */
  lagged(lagMs: Millis, now: Millis): void {
    const faded = this.#lagMs * 0.5 ** ((now - this.#lagAt) / LAG_HALVES_MS);
    this.#lagMs = Math.min(MAX_LAG_MS, Math.max(lagMs, faded));
    this.#lagAt = now;
  }

  /** Bytes a millisecond. */
  get rate(): number {
    return this.#rate.value;
  }

  /** The bandwidth of the path from the origin, in bytes a millisecond. Short transfers or long round trips hide it. */
  get bestRate(): number {
    return this.#best;
  }

  /** How long so many bytes take, with the usual delays. */
  needMs(bytes: number): Millis {
    const lateMs = DEVIATIONS * this.#deviationMs + this.#lagMs;
    return this.#ttfb.value + lateMs + bytes / this.#rate.value;
  }
}
