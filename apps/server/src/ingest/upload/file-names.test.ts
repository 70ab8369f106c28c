import { expect, it } from 'vitest';
import { nextName } from './file-names.ts';

it.each([
  ['chunk-stream0-00009.m4s', 'chunk-stream0-00010.m4s'],
  ['9.m4s', '10.m4s'],
  ['v1/seg_199_video.cmfv', 'v1/seg_200_video.cmfv'],
  ['2026/live.20261128-7.mp4', '2026/live.20261128-8.mp4'],
])('%s is followed by %s', (name, next) => {
  expect(nextName(name)).toBe(next);
});

it.each(['live.m4s', 'v1/segment.mp4', '1234567890123456.m4s', ''])('%j is followed by nothing', (name) => {
  expect(nextName(name)).toBeUndefined();
});
