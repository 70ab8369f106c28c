import { expect, test } from 'vitest';
import { segmentOrigin } from './segment-origin.ts';

const url = 'https://cdn/1.ts';
const source = (more: { url?: string; range?: { start: number; length: number } } = {}) => ({
  ...{ msn: 1, url, range: undefined, durationMs: 2000, timeline: 0, gap: false, dateTime: undefined },
  ...{ lines: [], keys: [], map: undefined },
  ...more,
});

test.each([
  ['the CDN serves a whole file', 'cdn', source(), url],
  ['the server serves it by default', 'server', source(), undefined],
  ['the server serves a range of a file', 'cdn', source({ range: { start: 0, length: 9 } }), undefined],
  [
    'the server serves a segment whose address is too long to announce',
    'cdn',
    source({ url: `${url}?${'x'.repeat(3000)}` }),
    undefined,
  ],
] as const)('%s', (_what, fallback, segment, expected) => {
  expect(segmentOrigin(fallback, segment)).toBe(expected);
});
