import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PlaylistEdge } from './playlist-edge.ts';
import { ReloadScheduler } from './reload-scheduler.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const URL_ = 'https://host/live/demo/0a0b0c0d/index.m3u8';
const id = (msn: number, epoch = 1) => ({ epoch, rendition: '0a0b0c0d', msn });
const edge = (msn: number): PlaylistEdge => ({
  segment: id(msn),
  url: '',
  lastDurationMs: 2000,
  targetDurationMs: 2000,
});

function schedulerAt(announced: number, answered: number): ReloadScheduler {
  const reloads = new ReloadScheduler(() => Date.now());
  reloads.connected = true;
  reloads.announced(id(announced));
  reloads.answered('level', URL_, edge(answered));
  return reloads;
}

test('holds a reload that would bring nothing new until an announcement of its rendition', () => {
  const reloads = schedulerAt(5, 5);
  const resume = vi.fn();
  expect(reloads.hold('level', URL_, resume)).toBeDefined();
  reloads.announced({ epoch: 1, rendition: 'ffffffff', msn: 9 });
  expect(resume).not.toHaveBeenCalled();
  reloads.announced(id(6));
  expect(resume).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

test('holds a reload for at most one target duration', () => {
  const resume = vi.fn();
  schedulerAt(5, 5).hold('level', URL_, resume);
  vi.advanceTimersByTime(1999);
  expect(resume).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(resume).toHaveBeenCalledOnce();
});

test('releases a held reload when the tracker is lost', () => {
  const reloads = schedulerAt(5, 5);
  const resume = vi.fn();
  reloads.hold('level', URL_, resume);
  reloads.connected = false;
  expect(resume).toHaveBeenCalledOnce();
  expect(reloads.hold('level', URL_, resume)).toBeUndefined();
});

test('never resumes a withdrawn reload', () => {
  const reloads = schedulerAt(5, 5);
  const resume = vi.fn();
  reloads.hold('level', URL_, resume)?.();
  reloads.announced(id(6));
  expect(resume).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test.each<[string, (reloads: ReloadScheduler) => void, string]>([
  [
    'a newer segment was announced',
    (reloads) => {
      reloads.announced(id(6));
    },
    URL_,
  ],
  [
    'a new epoch has begun',
    (reloads) => {
      reloads.announced(id(0, 2));
    },
    URL_,
  ],
  ['the playlist differs from the last one: a switch', () => undefined, `${URL_}?other`],
  [
    'the last answer was not a live playlist',
    (reloads) => {
      reloads.answered('level', URL_, undefined);
    },
    URL_,
  ],
])('holds nothing when %s', (_name, change, url) => {
  const reloads = schedulerAt(5, 5);
  change(reloads);
  expect(reloads.hold('level', url, vi.fn())).toBeUndefined();
});

test('reports when the newest segment was announced, if the playlist ends with it', () => {
  vi.setSystemTime(1234);
  const reloads = schedulerAt(5, 5);
  expect(reloads.publishedAt(edge(5))).toBe(1234);
  expect(reloads.publishedAt(edge(4))).toBeUndefined();
  reloads.connected = false;
  expect(reloads.publishedAt(edge(5))).toBeUndefined();
});
