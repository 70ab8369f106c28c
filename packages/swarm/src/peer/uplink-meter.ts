import type { Millis } from '@freshet/protocol';
import { RateEstimate } from './rate-estimate.ts';

/** Busy time that makes a sample: less says more about timers than about the line. */
const SAMPLE_MS = 50;
/** A sample is also taken after this time without a pause: a line that is too thin never falls idle. */
const CONTINUOUS_MS = 500;

/**
 * Measures the uplink from the time that links need to drain: bytes sent while anything was waiting, over that time.
 * What the rate cap holds back does not count as waiting, so the figure is the line's and not the cap's.
 */
export class UplinkMeter {
  readonly #rate = new RateEstimate(0, 0.3, 1);
  #measured = false;
  #busySince: Millis = 0;
  #inFlight = 0;
  #bytes = 0;
  #busyMs: Millis = 0;

  started(now: Millis): void {
    if (this.#inFlight++ === 0) this.#busySince = now;
  }

  /** @param bytes that left; 0 when the link closed before they did. */
  ended(bytes: number, now: Millis): void {
    this.#bytes += bytes;
    this.#inFlight--;
    if (this.#inFlight > 0 && now - this.#busySince < CONTINUOUS_MS) return;
    this.#busyMs += now - this.#busySince;
    this.#busySince = now;
    if (this.#busyMs < SAMPLE_MS || this.#bytes === 0) return;
    const rate = this.#bytes / this.#busyMs;
    if (this.#measured) this.#rate.sample(rate);
    else this.#rate.restart(rate);
    this.#measured = true;
    this.#bytes = 0;
    this.#busyMs = 0;
  }

  /** Bytes a millisecond; undefined until enough was sent. */
  get bytesPerMs(): number | undefined {
    return this.#measured ? this.#rate.value : undefined;
  }
}
