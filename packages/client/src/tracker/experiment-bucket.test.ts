import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { experimentBucket } from './experiment-bucket.ts';

let kept: Map<string, string>;
beforeEach(() => {
  kept = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test('draws a number once and keeps it', () => {
  const first = experimentBucket();
  expect(first).toBeGreaterThanOrEqual(0);
  expect(first).toBeLessThan(10_000);
  expect([experimentBucket(), experimentBucket()]).toEqual([first, first]);
});

test.each(['', 'x', '-1', '12345', '1e3'])(
  'draws a new number when the stored value is invalid (%j)',
  (left) => {
    kept.set('freshet-experiment-bucket', left);
    expect(kept.get('freshet-experiment-bucket')).toBe(left);
    expect(String(experimentBucket())).toBe(kept.get('freshet-experiment-bucket'));
    expect(kept.get('freshet-experiment-bucket')).toMatch(/^\d{1,4}$/);
  },
);

test('returns undefined where nothing can be stored', () => {
  vi.stubGlobal('localStorage', undefined);
  expect(experimentBucket()).toBeUndefined();
});
