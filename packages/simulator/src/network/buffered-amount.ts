import type { Millis } from '@freshet/protocol';

/** The delay between the network's thread and the page's. */
const TOLD_AFTER_MS = 1;

/**
 * A channel's `bufferedAmount` as the page sees it. Chromium reports a decrease only when nothing is left, or when more
 * than 100 KiB have left (`kMinBufferedAmountDiffToTriggerCallback` in WebRTC's data channel). No channel of ours holds
 * that much, so the value grows with all that is handed over, including control frames, until all of it is on its way.
 */
export class BufferedAmount {
  #handedOver = 0;
  #emptyAt: Millis = 0;

  added(bytes: number, now: Millis): void {
    if (now >= this.#emptyAt + TOLD_AFTER_MS) this.#handedOver = 0;
    this.#emptyAt = Number.POSITIVE_INFINITY;
    this.#handedOver += bytes;
  }

  emptied(now: Millis): void {
    this.#emptyAt = Math.min(this.#emptyAt, now);
  }

  at(now: Millis): number {
    return now >= this.tellsAt ? 0 : this.#handedOver;
  }

  /** The time at which the page learns that it is 0; Infinity while it is not. */
  get tellsAt(): Millis {
    return this.#emptyAt + TOLD_AFTER_MS;
  }
}
