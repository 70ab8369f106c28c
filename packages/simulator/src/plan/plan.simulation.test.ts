import { expect, it } from 'vitest';
import { extrapolate } from './audience.ts';
import { PLAN_LIMITS, type PlanNumbers, runPlan } from './plan.ts';

const NUMBERS: PlanNumbers = {
  ...{ viewers: 40, kbps: 800, segmentSeconds: 2, givingShare: 1, audience: 'stays', originMbps: 1000 },
};

it('reports the server’s traffic second by second, and a lower offload with fewer uploading viewers', () => {
  const told: number[] = [];
  const all = runPlan(NUMBERS, (share) => told.push(share));
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  expect(told.at(-1)).toBe(1);
  expect(all.joined).toBe(40);
  expect(all.offload).toBeGreaterThan(0.85);
  expect(all.leastOffload).toBeLessThanOrEqual(all.offload);
  expect(all.mostOffload).toBeGreaterThanOrEqual(all.offload);
  const taken = all.seconds.reduce((sum, { takenMbps }) => sum + takenMbps, 0);
  const sent = all.seconds.reduce((sum, { originMbps }) => sum + originMbps, 0);
  expect(1 - sent / taken).toBeCloseTo(all.offloadOfAll);
  const few = runPlan({ ...NUMBERS, givingShare: 0.2 }, () => undefined);
  expect(few.offload).toBeLessThan(all.offload - 0.1);
  const none = runPlan({ ...NUMBERS, givingShare: 0 }, () => undefined);
  expect(Math.abs(none.offload)).toBeLessThan(0.1);
});

it('runs longer with long segments, and replaces the viewers of a zapping audience', () => {
  const long = runPlan({ ...NUMBERS, viewers: 8, segmentSeconds: 10 }, () => undefined);
  expect(long.seconds.length).toBe(135);
  const zapping = runPlan({ ...NUMBERS, viewers: 8, audience: 'zaps' }, () => undefined);
  expect(zapping.joined).toBeGreaterThan(8);
});

it.each(Object.entries(PLAN_LIMITS))('refuses %s outside of its limits', (name, [least, most]) => {
  for (const value of [least - 1, most + 1, Number.NaN])
    expect(() => runPlan({ ...NUMBERS, [name]: value }, () => undefined)).toThrow(`${name} must be from`);
});

it('assumes the simulated offload for a larger audience', () => {
  const outcome = extrapolate(10_000, { ...NUMBERS, originMbps: 100 }, { offload: 0.95 });
  expect(outcome).toMatchObject({ withoutMbps: 8000, isExtrapolated: true, isOverLine: true });
  expect(outcome.withMbps).toBeCloseTo(400);
  expect(outcome.withoutGbPerHour).toBeCloseTo(3600);
  expect(extrapolate(40, NUMBERS, { offload: 0.95 })).toMatchObject({
    isExtrapolated: false,
    isOverLine: false,
  });
});
