import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PlaylistEdge } from './playlist-edge.ts';
import { PlaylistNews } from './playlist-news.ts';

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

function newsAt(announced: number, answered: number): PlaylistNews {
  const news = new PlaylistNews(() => Date.now());
  news.connected = true;
  news.announced(id(announced));
  news.answered('level', URL_, edge(answered));
  return news;
}

test('a reload that would bring nothing waits for the announcement of its rendition', () => {
  const news = newsAt(5, 5);
  const resume = vi.fn();
  expect(news.hold('level', URL_, resume)).toBeDefined();
  news.announced({ epoch: 1, rendition: 'ffffffff', msn: 9 });
  expect(resume).not.toHaveBeenCalled();
  news.announced(id(6));
  expect(resume).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

test('it waits no longer than a target duration', () => {
  const resume = vi.fn();
  newsAt(5, 5).hold('level', URL_, resume);
  vi.advanceTimersByTime(1999);
  expect(resume).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(resume).toHaveBeenCalledOnce();
});

test('the loss of the tracker lets it go', () => {
  const news = newsAt(5, 5);
  const resume = vi.fn();
  news.hold('level', URL_, resume);
  news.connected = false;
  expect(resume).toHaveBeenCalledOnce();
  expect(news.hold('level', URL_, resume)).toBeUndefined();
});

test('withdrawn, it is never resumed', () => {
  const news = newsAt(5, 5);
  const resume = vi.fn();
  news.hold('level', URL_, resume)?.();
  news.announced(id(6));
  expect(resume).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test.each<[string, (news: PlaylistNews) => void, string]>([
  [
    'there is news',
    (news) => {
      news.announced(id(6));
    },
    URL_,
  ],
  [
    'a new epoch has begun',
    (news) => {
      news.announced(id(0, 2));
    },
    URL_,
  ],
  ['it is another playlist than last: a switch', () => undefined, `${URL_}?other`],
  [
    'the last answer was not a live one',
    (news) => {
      news.answered('level', URL_, undefined);
    },
    URL_,
  ],
])('nothing is held when %s', (_name, change, url) => {
  const news = newsAt(5, 5);
  change(news);
  expect(news.hold('level', url, vi.fn())).toBeUndefined();
});

test('says when the newest segment was announced, if the playlist ends with it', () => {
  vi.setSystemTime(1234);
  const news = newsAt(5, 5);
  expect(news.publishedAt(edge(5))).toBe(1234);
  expect(news.publishedAt(edge(4))).toBeUndefined();
  news.connected = false;
  expect(news.publishedAt(edge(5))).toBeUndefined();
});
