import type { ErrorData } from 'hls.js';
import type Hls from 'hls.js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ErrorRecovery } from './error-recovery.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function recovering(levels = 1) {
  const hls = {
    url: 'https://host/live/demo/index.m3u8',
    levels: new Array<unknown>(levels),
    startLoad: vi.fn(),
    loadSource: vi.fn(),
    recoverMediaError: vi.fn(),
  };
  const warned: string[] = [];
  const subject = new ErrorRecovery(
    hls as unknown as Hls,
    ({ code }) => warned.push(code),
    () => Date.now(),
  );
  const fail = (type: string, fatal = true) => {
    subject.failed({ type, fatal, details: 'x', error: new Error('y') } as unknown as ErrorData);
  };
  return { subject, hls, warned, fail };
}

test('a network error is retried for ever, with back-off that a success resets', () => {
  const { subject, hls, fail } = recovering();
  const waits: number[] = [];
  for (let i = 0; i < 50; i++) {
    fail('networkError');
    const before = Date.now();
    vi.runOnlyPendingTimers();
    waits.push(Date.now() - before);
  }
  expect(hls.startLoad).toHaveBeenCalledTimes(50);
  expect(waits[0]).toBeLessThanOrEqual(750);
  expect(Math.max(...waits)).toBeLessThanOrEqual(7500);
  expect(Math.min(...waits.slice(5))).toBeGreaterThanOrEqual(2500);
  subject.buffered();
  fail('networkError');
  vi.advanceTimersByTime(750);
  expect(hls.startLoad).toHaveBeenCalledTimes(51);
});

test('without a multivariant playlist the source is loaded anew', () => {
  const { hls, fail } = recovering(0);
  fail('networkError');
  vi.runOnlyPendingTimers();
  expect(hls.loadSource).toHaveBeenCalledWith(hls.url);
  expect(hls.startLoad).not.toHaveBeenCalled();
});

test('media errors are recovered from three times a minute, then said to be final', () => {
  const { hls, warned, fail } = recovering();
  for (let i = 0; i < 4; i++) fail('mediaError');
  expect(hls.recoverMediaError).toHaveBeenCalledTimes(3);
  expect(warned.at(-1)).toBe('playback-failed');
  vi.advanceTimersByTime(61_000);
  fail('mediaError');
  expect(hls.recoverMediaError).toHaveBeenCalledTimes(4);
});

test('errors that hls.js deals with itself are left to it; others are final', () => {
  const { hls, warned, fail } = recovering();
  fail('networkError', false);
  expect(warned).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  fail('keySystemError');
  expect(warned).toEqual(['playback-failed']);
  expect(hls.startLoad).not.toHaveBeenCalled();
});

test('closed, it leaves no timer', () => {
  const { subject, fail } = recovering();
  fail('networkError');
  subject.close();
  expect(vi.getTimerCount()).toBe(0);
});
