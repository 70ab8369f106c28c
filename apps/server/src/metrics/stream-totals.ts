import type { StreamName } from '@freshet/protocol';

/** Totals of one stream since the server started. */
export interface StreamTotals {
  /** Bytes of segments, written to viewers. */
  readonly originBytes: number;
  /** Bytes of segments that entered the buffer. */
  readonly publishedBytes: number;
}

/** Counters that the server itself reads. One entry for each stream that was ever opened. */
export class TotalsBook {
  readonly #totals = new Map<StreamName, { originBytes: number; publishedBytes: number }>();

  add(stream: StreamName, what: keyof StreamTotals, bytes: number): void {
    const totals = this.#totals.get(stream) ?? { originBytes: 0, publishedBytes: 0 };
    totals[what] += bytes;
    this.#totals.set(stream, totals);
  }

  of(stream: StreamName): StreamTotals {
    return this.#totals.get(stream) ?? { originBytes: 0, publishedBytes: 0 };
  }
}
