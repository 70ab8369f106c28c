import { expect, test } from 'vitest';
import { isRewindable } from './time-window.ts';

const ranges = (...list: [number, number][]) => ({
  length: list.length,
  start: (i: number) => list[i]?.[0] ?? 0,
  end: (i: number) => list[i]?.[1] ?? 0,
});

test.each([
  ['nothing loaded', Number.POSITIVE_INFINITY, ranges(), false],
  ['an ordinary live window', Number.POSITIVE_INFINITY, ranges([100, 120]), false],
  ['a window of two minutes', Number.POSITIVE_INFINITY, ranges([100, 220]), true],
  ['a recording', 30, ranges([0, 30]), true],
])('%s', (_what, duration, seekable, rewindable) => {
  expect(isRewindable({ duration, seekable })).toBe(rewindable);
});
