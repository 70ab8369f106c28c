import { expect, test } from 'vitest';
import { newCounters, offload } from './counters.ts';

test.each([
  ['nothing played yet', { originBytes: 0, playedBytes: 0 }, 0],
  ['all from the origin', { originBytes: 100, playedBytes: 100 }, 0],
  ['more from the origin than played', { originBytes: 150, playedBytes: 100 }, 0],
  ['a quarter from the origin', { originBytes: 25, playedBytes: 100 }, 0.75],
  ['nothing from the origin', { originBytes: 0, playedBytes: 100 }, 1],
])('offload: %s', (_name, figures, expected) => {
  expect(offload({ ...newCounters(), ...figures })).toBe(expected);
});
