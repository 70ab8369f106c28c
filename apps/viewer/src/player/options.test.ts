import { describe, expect, test } from 'vitest';
import { readOptions, readPanelMode } from './options.ts';

const page = 'https://site.example/news/';

function read(attributes: Record<string, string>): ReturnType<typeof readOptions> {
  return readOptions((name) => attributes[name] ?? null, page);
}

test('server and stream form the playlist’s URL', () => {
  expect(read({ server: 'http://host:8080/', stream: 'live', autoplay: '', muted: '' })).toEqual({
    url: 'http://host:8080/live/live/index.m3u8',
    stream: 'live',
    autoplay: true,
    muted: true,
    debug: false,
  });
});

test('src wins over server and stream, and may be relative', () => {
  expect(read({ src: '../live/a/index.m3u8', server: 'http://other', stream: 'a', debug: '' })).toEqual({
    url: 'https://site.example/live/a/index.m3u8',
    stream: 'a',
    autoplay: false,
    muted: false,
    debug: true,
  });
});

test('without a server, the page’s own folder is the server', () => {
  expect(read({ stream: 'a' })).toMatchObject({ url: 'https://site.example/news/live/a/index.m3u8' });
});

describe('attributes that name no stream return a sentence', () => {
  test.each([
    [{}, /No stream/],
    [{ stream: '../admin' }, /name/],
    [{ stream: 'a', server: 'http://' }, /not a URL/],
    [{ src: 'javascript:alert(1)' }, /http/],
    [{ stream: 'a', server: 'file:///etc/' }, /http/],
    [{ src: 'httpx:a' }, /http/],
  ])('%j', (attributes: Record<string, string>, sentence) => {
    expect(read(attributes)).toMatch(sentence);
  });
});

test('an unknown panel mode counts as closed', () => {
  expect(['open', 'none', 'closed', 'OPEN', null].map(readPanelMode)).toEqual([
    'open',
    'none',
    'closed',
    'closed',
    'closed',
  ]);
});
