import type { Millis } from '@freshet/protocol';

/** Longer waits count as this. */
const LONGEST_MS = 2000;

/** The times that packets waited for a line, including their own time on it: a histogram by the millisecond. */
export class QueueMeter {
  readonly #packets = new Uint32Array(LONGEST_MS + 1);
  #count = 0;

  /**
   * @param firstMs the wait of the first packet
   * @param lastMs the wait of the last packet; the others are in between
   */
  add(packets: number, firstMs: Millis, lastMs: Millis): void {
    this.#count += packets;
    for (let i = 0; i < packets; i++) {
      const wait = packets === 1 ? lastMs : firstMs + ((lastMs - firstMs) * i) / (packets - 1);
      const bin = Math.min(LONGEST_MS, Math.max(0, Math.floor(wait)));
      this.#packets[bin] = (this.#packets[bin] ?? 0) + 1;
    }
  }

  /** @returns the wait that this share of the packets did not exceed, in whole ms; 0 without any. */
  quantile(share: number): Millis {
    let left = share * this.#count;
    for (const [wait, packets] of this.#packets.entries()) {
      left -= packets;
      if (left <= 0 && this.#count > 0) return wait;
    }
    return 0;
  }
}
