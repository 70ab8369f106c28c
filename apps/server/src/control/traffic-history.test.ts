import { expect, test } from 'vitest';
import { Ring } from '../util/ring.ts';
import { SAMPLE_MS, TrafficHistory } from './traffic-history.ts';

const counts = { viewers: 3, originBytes: 0, publishedBytes: 0, peerBytes: 0, stalls: 0 };
const none = { startupMs: undefined, latencyMs: undefined };

test('a ring keeps the newest entries', () => {
  const ring = new Ring<number>(3);
  for (const n of [1, 2, 3, 4, 5]) ring.push(n);
  expect(ring.all()).toEqual([3, 4, 5]);
});

test('a step covers the time since the previous sample', () => {
  const history = new TrafficHistory();
  history.sample('live', { ...counts, ...none, originBytes: 1000, publishedBytes: 1000 }, 0);
  expect(history.read('live', 'minutes')).toEqual([]);
  const next = { ...counts, ...none, originBytes: 6000, publishedBytes: 3500, peerBytes: 5000, stalls: 2 };
  history.sample('live', next, SAMPLE_MS);
  expect(history.read('live', 'minutes')).toEqual([
    { ...none, at: 5000, viewers: 3, originKbps: 8, peerKbps: 8, copies: 2, stalls: 2 },
  ]);
});

test('a minute consists of twelve steps', () => {
  const history = new TrafficHistory();
  for (let i = 0; i <= 24; i++)
    history.sample('live', { ...counts, ...none, originBytes: i * 6000 }, i * SAMPLE_MS);
  expect(history.read('live', 'hours').map(({ at, originKbps }) => [at, originKbps])).toEqual([
    [60_000, 10],
    [120_000, 10],
  ]);
  history.forget('live');
  expect(history.read('live', 'hours')).toEqual([]);
});

test('counters that restart at 0 give no negative step', () => {
  const history = new TrafficHistory();
  history.sample('live', { ...counts, ...none, peerBytes: 9000 }, 0);
  history.sample('live', { ...counts, ...none, peerBytes: 10 }, SAMPLE_MS);
  expect(history.read('live', 'minutes')[0]).toMatchObject({ peerKbps: 0, copies: undefined });
});
