import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('doubles the delay from the first to the last, and spreads it over 0.5 to 1.5 times', () => {
  expect([0, 1, 2, 3, 4, 1000].map((attempt) => backoffMs(attempt, 500, 5000, 0.5))).toEqual([
    500, 1000, 2000, 4000, 5000, 5000,
  ]);
  expect(backoffMs(0, 1000, 5000, 0)).toBe(500);
  expect(backoffMs(9, 1000, 5000, 1)).toBe(7500);
});
