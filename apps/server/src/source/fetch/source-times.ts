import type { Millis } from '@freshet/protocol';

/** How patient a source is asked, in milliseconds, and how much of it is read. See `FetchLimits` for the meanings. */
export interface SourceTimes {
  readonly connectMs: Millis;
  readonly playlist: RequestLimits;
  readonly segment: Omit<RequestLimits, 'maxBytes'>;
  /** The first window is published when it is complete, or after this. */
  readonly startBudgetMs: Millis;
}

interface RequestLimits {
  readonly headersMs: Millis;
  readonly idleMs: Millis;
  readonly wholeMs: Millis;
  readonly maxBytes: number;
}

/** A playlist that takes long is of no use, and the end of an outage must be seen soon; a segment is worth waiting for. */
export const SOURCE_TIMES: SourceTimes = {
  connectMs: 4000,
  playlist: { headersMs: 5000, idleMs: 5000, wholeMs: 10_000, maxBytes: 2 * 1024 * 1024 },
  segment: { headersMs: 10_000, idleMs: 10_000, wholeMs: 60_000 },
  startBudgetMs: 2000,
};
