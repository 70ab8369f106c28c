import { expect, test } from 'vitest';
import { WatermarkDetector } from './watermark-detector.ts';

/**
 * Each character is a transfer of another segment: `.` matches, `x` does not. @returns the number of transfers until
 * detection; 0: none
 */
function believedAfter(transfers: string): number {
  const detector = new WatermarkDetector();
  for (let index = 0; index < transfers.length; index++)
    if (detector.judge(`1/0000000a/${index}`, transfers[index] === '.')) return index + 1;
  return 0;
}

test.each([
  ['three in a row', 'xxx', 3],
  ['two variants of each segment', '.x.x.x', 6],
  ['one that changed under us', '.....x.........', 0],
  ['two, and then none for long', 'xx........x', 0],
])('%s: %s', (_what, transfers, after) => {
  expect(believedAfter(transfers)).toBe(after);
});

test('counts many transfers of one segment once', () => {
  const detector = new WatermarkDetector();
  const verdicts = Array.from({ length: 9 }, () => detector.judge('1/0000000a/1', false));
  expect(verdicts).not.toContain(true);
});
