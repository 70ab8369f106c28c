import type { PlanNumbers, PlanOutcome } from '@freshet/simulator/plan';
import { expect, test } from 'vitest';
import { type PlanRequest, planWords } from './plan-words.ts';

const numbers: PlanNumbers = {
  ...{ viewers: 300, kbps: 2000, segmentSeconds: 2, givingShare: 1, audience: 'stays', originMbps: 1200 },
};
const outcome: PlanOutcome = {
  ...{
    offload: 0.975,
    leastOffload: 0.91,
    mostOffload: 0.98,
    offloadOfAll: 0.9,
    joined: 300,
    viewersWithStall: 1,
  },
  ...{ medianStartupMs: 400, medianLatencyMs: 6000, seconds: [] },
};
const request: PlanRequest = {
  ...{ numbers, audience: 20_000, hoursPerMonth: 10, money: { costPerGb: 0.05, currency: 'EUR' } },
};
const plain = (text: string | undefined) => text?.replaceAll('\u00a0', ' ');
const shown = (asked: PlanRequest) =>
  Object.fromEntries(
    planWords(asked, outcome).tiles.map(({ name, value, note }) => [name, [plain(value), plain(note)]]),
  );

test('costs are the price times the server’s traffic, with and without Freshet', () => {
  expect(shown(request)).toMatchObject({
    'From viewers': ['97 %', '91 % to 98 % in three runs, once all have joined'],
    'Server sends': ['1.00 Gbit/s', '40.00 Gbit/s without Freshet'],
    // 40 Gbit/s are 18,000 GB an hour.
    'Cost per hour': ['22.50 EUR', '900 EUR without Freshet'],
    'Cost per month': ['225 EUR', '9,000 EUR without Freshet'],
    'Viewers with a stall': ['1 of 300', 'in the simulation'],
  });
});

test('asks for the price if it is unknown', () => {
  expect(shown({ ...request, money: { costPerGb: null, currency: 'EUR' } })).toHaveProperty('Cost');
});

test('says what was extrapolated, and whether the server’s bandwidth is too low', () => {
  const notes = (asked: PlanRequest) => planWords(asked, outcome).notes.map(plain).join(' ');
  expect(notes(request)).toContain('The figures for 20,000 assume the same share');
  expect(notes({ ...request, audience: 300 })).not.toContain('extrapolation');
  expect(notes(request)).not.toContain('more than its bandwidth');
  expect(notes({ ...request, audience: 25_000 })).toContain('more than its bandwidth');
});
