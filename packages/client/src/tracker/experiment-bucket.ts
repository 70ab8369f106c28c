const KEY = 'freshet-experiment-bucket';
const BUCKETS = 10_000;

/**
 * The number by which this browser is put into one of a broadcaster's groups, the same at every visit. One of ten
 * thousand, so it names nobody. @returns undefined where nothing can be kept
 */
export function experimentBucket(): number | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept !== null && /^\d{1,4}$/.test(kept)) return Number(kept);
    const bucket = Math.floor(Math.random() * BUCKETS);
    localStorage.setItem(KEY, String(bucket));
    return bucket;
  } catch {
    return undefined;
  }
}
