import { describe, expect, test } from 'vitest';
import { isStreamName, playlistUrl, serverBeside, serverOfWatchPage, streamOfWatchPage } from './urls.ts';

describe('the server is derived from the URLs of its files', () => {
  test.each([
    ['http://host:8080/embed.js', 'http://host:8080/'],
    ['https://host/tv/embed.js?v=2', 'https://host/tv/'],
    ['https://host/tv/', 'https://host/tv/'],
  ])('%s', (file, server) => {
    expect(serverBeside(file)).toBe(server);
  });

  test.each([
    ['http://host:8080/watch/live', 'http://host:8080/'],
    ['https://host/tv/watch/live?debug=1#x', 'https://host/tv/'],
  ])('%s', (page, server) => {
    expect(serverOfWatchPage(page)).toBe(server);
  });
});

describe('the stream is read from the watch page’s path', () => {
  test.each([
    ['http://host/watch/live', 'live'],
    ['http://host/base/watch/Concert_2-b?debug=1', 'Concert_2-b'],
    ['http://host/watch/watch', 'watch'],
    ['http://host/rehearse/live?now', 'live'],
    ['http://host/watch/', undefined],
    ['http://host/watch/%2e%2e', undefined],
    ['http://host/watch/index.html', undefined],
    ['http://host/watch/a%20b', undefined],
    [`http://host/watch/${'a'.repeat(65)}`, undefined],
  ])('%s', (page, stream) => {
    expect(streamOfWatchPage(page)).toBe(stream);
  });
});

test('makes a playlist URL for an absolute or relative server, with or without its slash', () => {
  const page = 'https://site.example/news/today.html';
  expect(playlistUrl('http://host:8080', 'live', page)).toBe('http://host:8080/live/live/index.m3u8');
  expect(playlistUrl('http://host/tv/', 'a', page)).toBe('http://host/tv/live/a/index.m3u8');
  expect(playlistUrl('/tv', 'a', page)).toBe('https://site.example/tv/live/a/index.m3u8');
  expect(() => playlistUrl('http://', 'a', page)).toThrow(TypeError);
});

test('a stream’s name is letters, digits, - and _', () => {
  expect(isStreamName('live-1')).toBe(true);
  expect(isStreamName('"><script>')).toBe(false);
});
