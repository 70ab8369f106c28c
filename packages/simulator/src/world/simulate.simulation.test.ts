import { expect, it } from 'vitest';
import { LAB_SCENARIOS } from '../scenario/lab-scenarios.ts';
import { SCENARIOS } from '../scenario/scenarios.ts';
import { simulate } from './simulate.ts';
import { Breaches, ViewerCheck } from './viewer-check.ts';

const SMALL = { viewers: 12, seconds: 20, seed: 7 };

it('gives the same figures for the same seed, and different ones for another', () => {
  const run = (seed: number) => JSON.stringify(simulate(SCENARIOS['churn'] ?? fail(), { ...SMALL, seed }));
  const first = run(7);
  expect(run(7)).toBe(first);
  expect(run(8)).not.toBe(first);
});

it.each(Object.entries(SCENARIOS))('runs %s to its end', (_, scenario) => {
  const figures = simulate(scenario, SMALL);
  expect(figures.seconds.length).toBe(SMALL.seconds);
  expect(figures.joined).toBeGreaterThanOrEqual(SMALL.viewers);
  expect(figures.firstBreaches).toEqual([]);
});

it.each(Object.entries(LAB_SCENARIOS))('runs %s to its end', (_, scenario) => {
  const { viewers = 0 } = scenario;
  const figures = simulate(scenario, { viewers, seconds: 12, seed: 7 });
  expect(viewers).toBe(6);
  expect(figures.joined).toBeGreaterThanOrEqual(viewers);
  expect(figures.worstQueueMs).toBeGreaterThan(0);
  expect(figures.worstQueueMs).toBeLessThanOrEqual(400);
  expect(figures.firstBreaches).toEqual([]);
});

it('links homes behind symmetric NATs through TURN', () => {
  const run = (name: string) => simulate(LAB_SCENARIOS[name] ?? fail(), { viewers: 6, seconds: 20, seed: 7 });
  expect(run('lab-symmetric').relayedBytes).toBeGreaterThan(1e6);
  expect(run('lab-uplink-3').relayedBytes).toBe(0);
});

it('finds an unverified delivery, a second answer and an overfull link', () => {
  const breaches = new Breaches();
  const check = new ViewerCheck('v', breaches);
  const segment = { epoch: 1, rendition: '00000000', msn: 5 };
  check.told({ type: 'want', want: 1, segment, durationMs: 2000, deadline: 0 }, 0);
  check.decided({ type: 'deliver', want: 1, segment: '1/00000000/5' }, 1, () => false);
  check.decided({ type: 'deliver', want: 1, segment: '1/00000000/5' }, 2, () => true);
  for (let piece = 0; piece < 3; piece++)
    check.decided(
      { type: 'send-piece', peer: 'w', segment: '1/00000000/5', piece, backlogMs: 0 },
      3,
      () => true,
    );
  expect(breaches.lines).toEqual([
    '1 ms, v: delivered 1/00000000/5 unverified',
    '2 ms, v: an answer to 1 (1/00000000/5), which is not open',
    '3 ms, v: too many pieces handed to the link with w',
  ]);
});

function fail(): never {
  throw new Error('no such scenario');
}
