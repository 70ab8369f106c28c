import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('doubles the delay from the first to the last', () => {
  expect([0, 1, 2, 3, 4, 1000].map((attempt) => backoffMs(attempt, 500, 5000, 0.5, 0.5))).toEqual([
    500, 1000, 2000, 4000, 5000, 5000,
  ]);
});

test('varies the delay by its spread in both directions', () => {
  expect(backoffMs(1, 500, 5000, 0.5, 0)).toBe(500);
  expect(backoffMs(9, 500, 5000, 0.5, 1)).toBe(7500);
  expect(backoffMs(0, 500, 5000, 0, 1)).toBe(500);
});
