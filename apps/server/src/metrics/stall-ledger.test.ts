import { beforeEach, expect, test } from 'vitest';
import { StallLedger } from './stall-ledger.ts';

let now: number;
let ledger: StallLedger;
beforeEach(() => {
  now = 0;
  ledger = new StallLedger(() => now);
});

/** @returns how many of so many requests after a stall, one each second, count */
function counted(requests: number, sessionOf: (i: number) => string, network = 'home'): number {
  let sum = 0;
  for (let i = 0; i < requests; i++) {
    if (ledger.counts(network, sessionOf(i), true)) sum++;
    now += 1000;
  }
  return sum;
}

test('a known session counts with one stall a minute', () => {
  ledger.counts('home', 'ann', false);
  now += 10_000;
  expect(ledger.counts('home', 'ann', true)).toBe(true);
  now += 30_000;
  expect(ledger.counts('home', 'ann', true)).toBe(false);
  expect(ledger.counts('home', 'ann', false)).toBe(false);
  now += 30_000;
  expect(ledger.counts('home', 'ann', true)).toBe(true);
});

test('new sessions count nothing, and requests without one are one session', () => {
  expect(counted(1000, (i) => `made up ${i}`)).toBe(0);
  expect(counted(120, () => '')).toBe(2);
});

test('a network counts with sixty stalls a minute, and takes nothing from others', () => {
  for (let i = 0; i < 500; i++) ledger.counts('mal', `${i}`, false);
  ledger.counts('home', 'ann', false);
  now += 10_000;
  let sum = 0;
  for (let i = 0; i < 500; i++) if (ledger.counts('mal', `${i}`, true)) sum++;
  expect(sum).toBe(60);
  expect(ledger.counts('home', 'ann', true)).toBe(true);
});
