import { LIMITS, type Report } from '@freshet/protocol';
import { expect, test } from 'vitest';
import { connectTimes, linksOf, meanConnectMs, sumLinks } from './link-figures.ts';

const report: Report = {
  ...{ neighbours: ['a', 'b'], renditions: [], uploads: true, seeking: false },
  ...{ peerBytes: 0, originBytes: 0, uploadedBytes: 0, stalls: 0 },
};
const links = { direct: 1, reflexive: 2, relayed: 3, unknown: 0 };

test('C5: links without a reported kind are unknown', () => {
  expect(linksOf({ ...report, links })).toEqual(links);
  expect(linksOf(report)).toEqual({ direct: 0, reflexive: 0, relayed: 0, unknown: 2 });
  expect(linksOf(undefined)).toEqual({ direct: 0, reflexive: 0, relayed: 0, unknown: 0 });
  expect(sumLinks([links, linksOf(report)])).toEqual({ direct: 1, reflexive: 2, relayed: 3, unknown: 2 });
});

test('C5: the times to connect are those of links that opened since the last report', () => {
  const first = { links: 3, ms: 900 };
  expect(meanConnectMs(first)).toBe(300);
  expect(meanConnectMs({ links: 0, ms: 0 })).toBeUndefined();
  expect(connectTimes(undefined, first)).toEqual([]);
  expect(connectTimes(first, { links: 5, ms: 2100 })).toEqual([600, 600]);
  expect(connectTimes(first, first)).toEqual([]);
});

test.each([
  ['fewer links', { links: 2, ms: 9000 }],
  ['less time', { links: 4, ms: 10 }],
  ['a longer time than clients wait', { links: 4, ms: 16_000 }],
  ['nothing', undefined],
])('C5: a report of %s is not counted', (_what, now) => {
  expect(connectTimes({ links: 3, ms: 900 }, now)).toEqual([]);
});

test('C5: no more links are counted than a viewer may have', () => {
  expect(connectTimes({ links: 0, ms: 0 }, { links: 1e9, ms: 1e11 })).toHaveLength(LIMITS.neighbours);
});
