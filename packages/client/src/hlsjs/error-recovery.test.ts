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
    detachMedia: vi.fn(),
    stopLoad: vi.fn(),
  };
  const warned: string[] = [];
  const subject = new ErrorRecovery(
    hls as unknown as Hls,
    ({ code }) => warned.push(code),
    () => Date.now(),
  );
  const fail = (type: string, fatal = true, code?: number) => {
    const response = code === undefined ? undefined : { code };
    subject.failed({ type, fatal, response, details: 'x', error: new Error('y') } as unknown as ErrorData);
  };
  return { subject, hls, warned, fail };
}

test('retries a network error for ever, with a back-off that a success resets', () => {
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

test('loads the source anew when there is no multivariant playlist', () => {
  const { hls, fail } = recovering(0);
  fail('networkError');
  vi.runOnlyPendingTimers();
  expect(hls.loadSource).toHaveBeenCalledWith(hls.url);
  expect(hls.startLoad).not.toHaveBeenCalled();
});

test.each([401, 403])('ends playback when a server still answers %i after three attempts', (code) => {
  const { hls, warned, fail } = recovering();
  const from = Date.now();
  for (let i = 0; i < 3; i++) {
    fail('networkError', true, code);
    vi.runOnlyPendingTimers();
  }
  expect(hls.startLoad).toHaveBeenCalledTimes(3);
  expect(warned).not.toContain('denied');
  fail('networkError', true, code);
  expect(warned.at(-1)).toBe('denied');
  expect(hls.detachMedia).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
  expect(Date.now() - from).toBeLessThan(6000);
});

test('ends playback when hls.js is refused a playlist again and again, and not for single segments', () => {
  const { subject, hls, warned } = recovering();
  const refused = (frag?: object) => {
    subject.failed({
      ...{ type: 'networkError', fatal: false, details: 'x', error: new Error('y') },
      ...{ response: { code: 403 }, frag },
    } as unknown as ErrorData);
  };
  for (let i = 0; i < 9; i++) refused({});
  expect(warned).toEqual([]);
  for (let i = 0; i < 9; i++) refused();
  expect(warned, 'one answer of the server for many playlists').toEqual(['recovering']);
  for (let i = 0; i < 3; i++) {
    vi.advanceTimersByTime(1000);
    refused();
  }
  expect(warned).toEqual(['recovering', 'recovering', 'recovering', 'denied']);
  expect(hls.stopLoad).toHaveBeenCalledTimes(1);
});

test('recovers from three media errors a minute, and reports the next one as final', () => {
  const { hls, warned, fail } = recovering();
  for (let i = 0; i < 4; i++) fail('mediaError');
  expect(hls.recoverMediaError).toHaveBeenCalledTimes(3);
  expect(warned.at(-1)).toBe('playback-failed');
  vi.advanceTimersByTime(61_000);
  fail('mediaError');
  expect(hls.recoverMediaError).toHaveBeenCalledTimes(4);
});

test('leaves errors that are not fatal to hls.js, and reports other fatal errors as final', () => {
  const { hls, warned, fail } = recovering();
  fail('networkError', false);
  expect(warned).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  fail('keySystemError');
  expect(warned).toEqual(['playback-failed']);
  expect(hls.startLoad).not.toHaveBeenCalled();
});

test('leaves no timer once closed', () => {
  const { subject, fail } = recovering();
  fail('networkError');
  subject.close();
  expect(vi.getTimerCount()).toBe(0);
});
