import { describe, expect, test } from 'vitest';
import { bandwidthSample, type Delivery, loadingProgress } from './bandwidth-sample.ts';

const MB = 1_000_000;
const NOW = 100_000;

/** What hls.js computes from the timings: EwmaBandWidthEstimator.sample(end - start - ttfb, loaded). */
function sampledBps(delivery: Delivery): number {
  const { start, first, end } = bandwidthSample(delivery);
  return Math.round((delivery.bytes * 8000) / (end - start - (first - start)));
}

const held: Delivery = { now: NOW, bytes: MB, origin: undefined, estimateBps: 4 * MB, ttfbMs: 60 };
const origin = (bytes: number, streamingMs: number) => ({ bytes, streamingMs, ttfbMs: 80 });

describe('the bandwidth that hls.js samples', () => {
  test.each<[string, Partial<Delivery>, number]>([
    ['all from the origin: its rate', { origin: origin(MB, 1000) }, 8 * MB],
    ['all from the origin, slower than the estimate', { origin: origin(MB, 8000) }, 1 * MB],
    ['half from the origin: its rate', { origin: origin(MB / 2, 100) }, 40 * MB],
    ['some, which prove more: what they prove', { origin: origin(MB / 10, 20) }, 8 * MB],
    ['some, out of a burst: at most four times the estimate', { origin: origin(MB / 2.5, 1) }, 16 * MB],
    ['some, which prove neither more nor less: no change', { origin: origin(MB / 10, 150) }, 4 * MB],
    ['some, slow: their rate', { origin: origin(MB / 10, 800) }, 1 * MB],
    ['none, and the origin was fast lately: what that proved', { recent: origin(MB / 10, 20) }, 8 * MB],
    ['none, and the origin was slow lately: its rate', { recent: origin(MB / 10, 800) }, 1 * MB],
    [
      'some, slow, and a transfer lately was fast',
      { origin: origin(MB / 10, 800), recent: origin(MB / 10, 20) },
      8 * MB,
    ],
    [
      'half from the origin, slow, and a transfer lately was fast',
      { origin: origin(MB / 2, 4000), recent: origin(MB, 20) },
      1 * MB,
    ],
    ['none, and one piece lately, an instant after the first byte', { recent: origin(16_384, 0) }, 4 * MB],
    ['next to nothing from the origin: no change', { origin: origin(1000, 1) }, 4 * MB],
    ['a cache hit, or all from viewers, or held: no change', {}, 4 * MB],
    ['a small segment, all from the origin', { bytes: 4000, origin: origin(4000, 4) }, 8 * MB],
  ])('%s', (_name, facts, expected) => {
    expect(sampledBps({ ...held, ...facts })).toBe(expected);
  });

  test('the time to first byte is the origin’s, the last known one, or hls.js’s own assumption', () => {
    const ttfb = (delivery: Delivery) => {
      const { start, first } = bandwidthSample(delivery);
      return first - start;
    };
    expect(ttfb({ ...held, origin: origin(MB, 1000) })).toBe(80);
    expect(ttfb(held)).toBe(60);
    expect(ttfb({ ...held, ttfbMs: undefined })).toBe(100);
  });

  test('ends now, and never has its first byte at 0, which hls.js reads as none', () => {
    const early = bandwidthSample({ ...held, now: 5 });
    expect(early.end).toBe(5);
    expect(early.first).toBeGreaterThan(0);
  });
});

describe('while a segment loads', () => {
  test('reports nothing for a held request', () => {
    expect(loadingProgress(held)).toBeUndefined();
  });

  test('reports only the start until the origin answers', () => {
    const progress = loadingProgress({
      ...held,
      bytes: 0,
      origin: { bytes: 0, streamingMs: 0, ttfbMs: 300 },
    });
    expect(progress).toEqual({ start: NOW - 300, first: 0 });
  });

  test('the load rate that hls.js computes is the origin’s, even when viewers delivered bytes before', () => {
    const progress = loadingProgress({ ...held, bytes: 0.9 * MB, origin: origin(0.1 * MB, 400) });
    const loadRate = (0.9 * MB * 1000) / (NOW - (progress?.first ?? 0));
    expect(loadRate).toBeCloseTo((0.1 * MB * 1000) / 400);
  });
});
