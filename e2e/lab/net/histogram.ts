/** Counts by value: how often 0, 1, 2, … was seen. */
export type Histogram = readonly number[];

/** The counts between two moments. Later histograms are at least as long. */
export function countsSince(before: Histogram, after: Histogram): Histogram {
  return after.map((count, value) => count - (before[value] ?? 0));
}

/** The least value that was seen; NaN if there was none. */
export function least(counts: Histogram): number {
  return percentile(counts, 0);
}

/** The least value that at least this share of all values does not exceed; NaN without values. 0.5 is the median. */
export function percentile(counts: Histogram, share: number): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [value, count] of counts.entries()) {
    seen += count;
    if (count > 0 && seen >= all * share) return value;
  }
  return Number.NaN;
}
