import { expect, test } from 'vitest';
import type { WayCounters } from './counters.ts';
import { callWindow, lineWindow } from './window.ts';

const NOTHING: WayCounters = { packets: 0, bytes: 0, media: 0, dropped: 0, lost: 0, late: 0, queue: [] };

test('the window of a line has what was counted between its two moments', () => {
  const before = { up: { ...NOTHING, packets: 2, bytes: 200, dropped: 1, queue: [0, 2] }, down: NOTHING };
  const after = {
    up: { ...NOTHING, packets: 12, bytes: 900, dropped: 1, queue: [0, 3, 0, 9] },
    down: NOTHING,
  };
  const { up, down } = lineWindow(before, after);
  expect(up).toMatchObject({ packets: 10, bytes: 700, dropped: 0, queueMs: { median: 3, p95: 3 } });
  expect(down.queueMs.p95).toBeNaN();
});

test('the window of a call has its round trips and the share of packets that did not come back', () => {
  const before = { lost: 1, roundTrips: [] };
  const after = { lost: 2, roundTrips: [...new Array<number>(40).fill(0), 5, 0, 4] };
  expect(callWindow(before, after)).toEqual({ roundTripMs: { least: 40, median: 40, p95: 42 }, loss: 0.1 });
});

test('a call without replies has a loss of 1 and no round trip', () => {
  const { roundTripMs, loss } = callWindow({ lost: 0, roundTrips: [] }, { lost: 50, roundTrips: [] });
  expect(loss).toBe(1);
  expect(roundTripMs.median).toBeNaN();
});
