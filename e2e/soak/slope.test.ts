import { expect, test } from 'vitest';
import { growthPerHour, troughs } from './slope.ts';

const line = (from: number, perMinute: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ minutes: i, value: from + perMinute * i }));

test('growth is the slope per hour, whatever the samples scatter', () => {
  expect(growthPerHour(line(100, 2, 10))).toBeCloseTo(120);
  expect(growthPerHour(line(100, 0, 10))).toBeCloseTo(0);
  const scattered = line(100, 2, 100).map(({ minutes, value }, i) => ({
    minutes,
    value: value + (i % 2 === 0 ? 5 : -5),
  }));
  expect(growthPerHour(scattered)).toBeCloseTo(120, 0);
});

test('growth of fewer than two moments is NaN', () => {
  expect(growthPerHour([])).toBeNaN();
  expect(growthPerHour(line(1, 1, 1))).toBeNaN();
});

test('troughs are the least sample of each whole group', () => {
  const values = [5, 3, 4, 9, 8, 7, 1].map((value, minutes) => ({ minutes, value }));
  expect(troughs(values, 3)).toEqual([
    { minutes: 1, value: 3 },
    { minutes: 5, value: 7 },
  ]);
});
