import type { StreamName } from '@freshet/protocol';

/** Since the server started. */
export interface StreamTotals {
  /** Bytes of segments, written to viewers. */
  readonly originBytes: number;
  /** Bytes of segments that entered the buffer. */
  readonly publishedBytes: number;
}

/** What the metrics count, where the server itself reads it. One entry for each stream that was ever opened. */
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
