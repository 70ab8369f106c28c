import { expect, test } from 'vitest';
import { countsSince, least, percentile } from './histogram.ts';

test('percentiles are values that were seen', () => {
  const counts = [0, 0, 10, 0, 9, 1];
  expect(least(counts)).toBe(2);
  expect(percentile(counts, 0.5)).toBe(2);
  expect(percentile(counts, 0.51)).toBe(4);
  expect(percentile(counts, 0.95)).toBe(4);
  expect(percentile(counts, 0.96)).toBe(5);
  expect(percentile(counts, 1)).toBe(5);
});

test('percentiles of an empty histogram are NaN', () => {
  expect(percentile([], 0.5)).toBeNaN();
  expect(least([0, 0])).toBeNaN();
});

test('a window counts what came between its ends, including values that were not seen before', () => {
  expect(countsSince([1, 2], [1, 5, 0, 4])).toEqual([0, 3, 0, 4]);
});
