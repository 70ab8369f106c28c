import type { Millis } from '@freshet/protocol';
import { RateEstimate } from './rate-estimate.ts';

/** Before the first transfer: 200 ms to the first byte, 2 Mbit/s. */
const FIRST_TTFB_MS = 200;
const FIRST_RATE = 250;

/** What the origin needs, from the transfers seen. */
export class OriginEstimate {
  readonly #ttfb = new RateEstimate(FIRST_TTFB_MS, 0.3, 1);
  readonly #rate = new RateEstimate(FIRST_RATE, 0.3, 1);
  #measured = false;

  sample(bytes: number, ttfbMs: Millis, elapsedMs: Millis): void {
    if (bytes <= 0) return;
    const rate = bytes / Math.max(1, elapsedMs - ttfbMs);
    if (this.#measured) {
      this.#ttfb.sample(ttfbMs);
      this.#rate.sample(rate);
    } else {
      // A joiner decides on its second segment right after its first: what was seen counts, not what was guessed.
      this.#ttfb.restart(ttfbMs);
      this.#rate.restart(rate);
    }
    this.#measured = true;
  }

  /** Bytes a millisecond. */
  get rate(): number {
    return this.#rate.value;
  }

  needMs(bytes: number): Millis {
    return this.#ttfb.value + bytes / this.#rate.value;
  }
}
