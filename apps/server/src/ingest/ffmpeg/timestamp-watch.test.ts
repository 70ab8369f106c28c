import { describe, expect, it } from 'vitest';
import { TimestampWatch } from './timestamp-watch.ts';

/** As ffmpeg 5.1 and ffmpeg 7 write it. */
const LINES = [
  '[hls @ 0x55bd] [warning] Non-monotonous DTS in output stream 0:1; previous: 1036785, current: 0; changing to 1036786. This may result in incorrect timestamps in the output file.',
  '[vost#0:0/copy @ 0x55bd] [warning] Non-monotonic DTS; previous: 1036785, current: 0; changing to 1036786. This may result in incorrect timestamps in the output file.',
];

/** @returns which of the lines, from 1, is the first that tells; 0: none */
function toldAt(line: string, count: number, everyMs: number): number {
  const watch = new TimestampWatch();
  for (let i = 1; i <= count; i++) if (watch.add(line, 1000 + i * everyMs)) return i;
  return 0;
}

describe('TimestampWatch', () => {
  it.each(LINES)('tells when every packet has an old timestamp: %s', (line) => {
    expect(toldAt(line, 100, 26)).toBe(30);
  });

  it.each(LINES)('ignores single packets, however many in the long run: %s', (line) => {
    expect(toldAt(line, 10_000, 100)).toBe(0);
  });

  it('ignores other lines', () => {
    expect(toldAt("[hls @ 0x55bd] [info] Opening 'run0-4.ts' for writing", 100, 1)).toBe(0);
  });
});
