import { expect, it } from 'vitest';
import { TokenBuckets } from './token-buckets.ts';

it('fills up to its burst, and never holds less than nothing', () => {
  const buckets = new TokenBuckets({ burst: 3, everyMs: 1000 });
  expect(buckets.take('a', 5, 0)).toBe(3);
  expect(buckets.take('a', 0, 0)).toBe(0);
  expect(buckets.take('a', 1, 1500)).toBe(1.5);
  expect(buckets.take('a', -9, 1500)).toBe(0.5);
  expect(buckets.take('a', 0, 1e9)).toBe(3);
  expect(buckets.take('b', 0, 0)).toBe(3);
});

it('remembers a bounded number of keys', () => {
  const buckets = new TokenBuckets({ burst: 1, everyMs: 1e9 }, 2);
  for (const key of ['a', 'b', 'c']) expect(buckets.take(key, 1, 0)).toBe(1);
  expect(buckets.take('c', 0, 0)).toBe(0);
  expect(buckets.take('a', 0, 0)).toBe(1);
});
