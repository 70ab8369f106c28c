import { LIMITS, type Report } from '@freshet/protocol';
import { expect, test } from 'vitest';
import { connectTimes, linksOf, meanConnectMs, sumLinks } from './link-figures.ts';

const report: Report = {
  ...{ neighbours: ['a', 'b'], renditions: [], uploads: true, seeking: false },
  ...{ peerBytes: 0, originBytes: 0, uploadedBytes: 0, stalls: 0 },
};
const links = { direct: 1, reflexive: 2, relayed: 3, unknown: 0 };

test('C5: links of whose kind nothing is said are unknown', () => {
  expect(linksOf({ ...report, links })).toEqual(links);
  expect(linksOf(report)).toEqual({ direct: 0, reflexive: 0, relayed: 0, unknown: 2 });
  expect(linksOf(undefined)).toEqual({ direct: 0, reflexive: 0, relayed: 0, unknown: 0 });
  expect(sumLinks([links, linksOf(report)])).toEqual({ direct: 1, reflexive: 2, relayed: 3, unknown: 2 });
});

test('C5: the time to connect is that of links which opened since the last report', () => {
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
  ['longer than anybody waits', { links: 4, ms: 16_000 }],
  ['nothing', undefined],
])('C5: nothing is counted of a report that tells of %s', (_what, now) => {
  expect(connectTimes({ links: 3, ms: 900 }, now)).toEqual([]);
});

test('C5: nobody is believed more links than a viewer may have', () => {
  expect(connectTimes({ links: 0, ms: 0 }, { links: 1e9, ms: 1e11 })).toHaveLength(LIMITS.neighbours);
});
