import { expect, test } from 'vitest';
import { playheadDeadline } from './playhead-deadline.ts';

function media(currentTime: number, ranges: [number, number][], playbackRate = 1) {
  return {
    currentTime,
    playbackRate,
    buffered: {
      length: ranges.length,
      start: (i: number) => ranges[i]?.[0] ?? Number.NaN,
      end: (i: number) => ranges[i]?.[1] ?? Number.NaN,
    },
  };
}

test.each([
  ['buffered ahead', media(10, [[8, 14]]), 14, 5000],
  ['at twice the speed', media(10, [[8, 14]], 2), 14, 3000],
  ['going backwards or stopped counts as normal speed', media(10, [[8, 14]], 0), 14, 5000],
  [
    'in the second range',
    media(10, [
      [0, 4],
      [9.95, 14],
    ]),
    14,
    5000,
  ],
  ['a segment that the playhead has passed', media(10, [[8, 14]]), 8, 1000],
  ['nothing buffered', media(0, []), 100, 1000],
  ['nothing left', media(14, [[8, 14.05]]), 14, 1000],
  ['buffered only elsewhere', media(10, [[20, 24]]), 24, 1000],
])('%s', (_name, element, start, expected) => {
  expect(playheadDeadline(element, start, 1000)).toBe(expected);
});
