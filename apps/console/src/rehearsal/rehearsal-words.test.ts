import { expect, test } from 'vitest';
import type { RehearsalFigures } from '../api.ts';
import { caveats, pagesInWords, reportTiles, stateOf } from './rehearsal-words.ts';

const figures: RehearsalFigures = {
  ...{ viewers: 6, played: 6, medianStartupMs: 250, medianLatencyMs: 6100, stalls: 2, viewersWithStall: 1 },
  ...{ originBytes: 20e6, copies: 1.32, laterCopies: 1.01, peerBytes: 80e6, offload: 0.8, others: 0 },
};

test.each([
  ['none', ''],
  ['running', 'Running: 12 of 60 s.'],
  ['done', 'Done after 60 s.'],
  ['stopped', 'Stopped after 12 of 60 s.'],
  ['failed', 'Failed. Chromium exited: exit code 1'],
] as const)('describes the state %s', (state, words) => {
  const rehearsal = { state, hasChromium: true, pages: 2, seconds: 60, elapsedSeconds: 12 };
  expect(
    stateOf(state === 'failed' ? { ...rehearsal, problem: 'Chromium exited: exit code 1' } : rehearsal),
  ).toBe(words);
});

test('says of each figure whether it was measured or self-reported', () => {
  const tiles = Object.fromEntries(
    reportTiles(figures).map(({ name, value, note = '' }) => [
      name,
      `${value} ${note}`.replaceAll('\u00a0', ' '),
    ]),
  );
  expect(tiles).toEqual({
    Viewers: '6 6 of them played',
    'Startup, median': '250 ms self-reported',
    'Behind live, median': '6.1 s self-reported',
    Stalls: '2 viewers with a stall: 1',
    'From viewers': '80 % 80.0 MB, self-reported',
    'Origin copies': '1.32 1.01 in the second half; measured',
  });
});

test('names conditions that distort the figures', () => {
  expect(caveats(figures)).toEqual([]);
  expect(caveats({ ...figures, others: 1 }).join()).toContain('One other viewer was watching');
  expect(caveats({ ...figures, played: 5 }).join()).toContain('Viewers that did not play');
});

test('states the number of pages on other machines', () => {
  expect(pagesInWords({ pages: 0, state: 'none' })).toBe('No page is waiting to take part.');
  expect(pagesInWords({ pages: 1, state: 'running' })).toBe('One page is taking part.');
  expect(pagesInWords({ pages: 3, state: 'done' })).toBe('3 pages are waiting to take part.');
});
