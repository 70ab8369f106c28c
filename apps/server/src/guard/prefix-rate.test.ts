import { expect, it } from 'vitest';
import { PrefixRate } from './prefix-rate.ts';

function rate(burst: number, refillMs: number, maxPrefixes?: number) {
  let refused = 0;
  const limit = new PrefixRate(burst, refillMs, () => refused++, maxPrefixes);
  /** The number of requests that pass. */
  const pass = (prefix: string, requests: number, now: number) =>
    Array.from({ length: requests }, () => limit.take(prefix, now)).filter(Boolean).length;
  return { pass, refused: () => refused };
}

it('2,000 viewers of one network join at once', () => {
  expect(rate(10_000, 60_000).pass('203.0.113.0/24', 2000, 0)).toBe(2000);
});

it('lets a burst pass, then as many as are refilled', () => {
  const { pass, refused } = rate(100, 60_000);
  expect(pass('a', 150, 0)).toBe(100);
  expect(refused()).toBe(50);
  expect(pass('a', 50, 6000)).toBe(10);
  expect(pass('b', 100, 6000)).toBe(100);
  expect(pass('a', 500, 600_000)).toBe(100);
});

it('remembers a bounded number of prefixes', () => {
  const { pass } = rate(1, 1e9, 2);
  for (const prefix of ['a', 'b', 'c']) expect(pass(prefix, 2, 0)).toBe(1);
  expect(pass('c', 1, 0)).toBe(0);
  expect(pass('a', 1, 0)).toBe(1);
});
