const KEY = 'freshet-experiment-bucket';
const BUCKETS = 10_000;

/**
 * The number that assigns this browser to one of a broadcaster's groups, the same at every visit. It is one of ten
 * thousand, so it identifies nobody. @returns undefined where the browser stores nothing
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
