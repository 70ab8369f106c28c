import { expect, test } from 'vitest';
import { fastest, leastBps, mostBps, type OriginEvidence, sum } from './origin-evidence.ts';

const evidence = (bytes: number, streamingMs: number, ttfbMs: number): OriginEvidence => ({
  bytes,
  streamingMs,
  ttfbMs,
});

test('the streaming time gives the upper bound of the rate, the time since the request the lower bound', () => {
  expect(mostBps(evidence(1000, 20, 60))).toBe(400_000);
  expect(leastBps(evidence(1000, 20, 60))).toBe(100_000);
});

test('a transfer within one tick of the clock has a finite rate', () => {
  expect(mostBps(evidence(1000, 0, 0))).toBe(8_000_000);
  expect(leastBps(evidence(1000, 0, 0))).toBe(8_000_000);
});

test('the fastest transfer has the most bytes over its whole time', () => {
  const quick = evidence(100_000, 20, 80);
  const large = evidence(1_000_000, 1000, 80);
  const slow = evidence(100_000, 800, 80);
  expect(fastest([slow, quick, undefined])).toBe(quick);
  expect(fastest([undefined, quick, slow])).toBe(quick);
  expect(fastest([quick, large])).toBe(quick);
  expect(fastest([slow, large])).toBe(large);
  expect(fastest([undefined])).toBeUndefined();
  expect(fastest([])).toBeUndefined();
});

test('transfers of one segment count as if one followed the other', () => {
  expect(sum(evidence(1000, 20, 60), evidence(500, 30, 10))).toEqual(evidence(1500, 50, 60));
  expect(sum(undefined, evidence(500, 30, 10))).toEqual(evidence(500, 30, 10));
  expect(sum(undefined, undefined)).toBeUndefined();
});
