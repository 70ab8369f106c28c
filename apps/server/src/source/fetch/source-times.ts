import type { Millis } from '@freshet/protocol';

/** Time and size limits of requests to a source. `FetchLimits` explains them. */
export interface SourceTimes {
  readonly connectMs: Millis;
  readonly playlist: RequestLimits;
  readonly segment: Omit<RequestLimits, 'maxBytes'>;
  /** The first window is published when it is complete, or after this time. */
  readonly startBudgetMs: Millis;
}

interface RequestLimits {
  readonly headersMs: Millis;
  readonly idleMs: Millis;
  readonly wholeMs: Millis;
  readonly maxBytes: number;
}

/**
 * Playlists have short limits: a late one is useless, and the end of an outage must be noticed soon. Segments may take
 * longer.
 */
export const SOURCE_TIMES: SourceTimes = {
  connectMs: 4000,
  playlist: { headersMs: 5000, idleMs: 5000, wholeMs: 10_000, maxBytes: 2 * 1024 * 1024 },
  segment: { headersMs: 10_000, idleMs: 10_000, wholeMs: 60_000 },
  startBudgetMs: 2000,
};
