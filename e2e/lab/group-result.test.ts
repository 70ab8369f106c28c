import { expect, test } from 'vitest';
import { given, used, waste, type Window, worstQueueMs } from './group-result.ts';
import type { WayWindow } from './net/window.ts';

function way(media: number, p95: number): WayWindow {
  const counts = { packets: 1, bytes: 1, dropped: 0, lost: 0, late: 0 };
  return { ...counts, media, queueMs: { median: 0, p95 } };
}

function window(buffered: number, ...ups: readonly WayWindow[]): Window {
  return {
    traffic: { origin: 400, published: 400, sent: 0, buffered },
    lines: ups.map((up) => ({ up, down: way(5000, 300) })),
    calls: [],
  };
}

test('waste is the share of uploaded media that no player buffered', () => {
  const measured = window(1300, way(600, 20), way(400, 40));
  expect(given(measured)).toBe(1000);
  expect(used(measured)).toBe(900);
  expect(waste(measured)).toBeCloseTo(0.1);
});

test('waste is NaN when no viewer uploads', () => {
  expect(waste(window(400, way(0, 0)))).toBeNaN();
});

test('the worst queue is that of the fullest uplink, regardless of the downlinks', () => {
  expect(worstQueueMs(window(1300, way(1, 20), way(1, 40)))).toBe(40);
});
