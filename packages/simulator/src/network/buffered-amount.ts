import type { Millis } from '@freshet/protocol';

/** Between the network's thread and the page's. */
const TOLD_AFTER_MS = 1;

/**
 * What a page sees as its channel's `bufferedAmount`. Chromium tells it of less only when nothing is left, or more than
 * 100 KiB have gone (`kMinBufferedAmountDiffToTriggerCallback` in WebRTC's data channel), which no channel of ours holds:
 * so it grows with all that is handed over, control frames too, until all of that is on its way.
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

  /** When the page is told that it is 0; Infinity while it is not. */
  get tellsAt(): Millis {
    return this.#emptyAt + TOLD_AFTER_MS;
  }
}
