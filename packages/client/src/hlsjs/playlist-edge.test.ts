import { expect, test } from 'vitest';
import { playlistEdge } from './playlist-edge.ts';

const URL_ = 'https://host/live/demo/0a0b0c0d/index.m3u8';
const LIVE = [
  '#EXTM3U',
  '#EXT-X-TARGETDURATION:2',
  '#EXT-X-MEDIA-SEQUENCE:41',
  '#EXTINF:2.000,',
  '41.ts?epoch=7',
  '#EXT-X-DISCONTINUITY',
  '#EXTINF:1.500,title',
  '42.ts?epoch=7&token=t',
  '',
].join('\r\n');

test('reads the newest segment of a live playlist', () => {
  expect(playlistEdge(LIVE, URL_)).toEqual({
    segment: { epoch: 7, rendition: '0a0b0c0d', msn: 42 },
    url: 'https://host/live/demo/0a0b0c0d/42.ts?epoch=7&token=t',
    lastDurationMs: 1500,
    targetDurationMs: 2000,
  });
});

test('reads the newest segment from its tag where the address is the CDN’s', () => {
  const cdn = LIVE.replace(
    '42.ts?epoch=7&token=t',
    '#EXT-X-FRESHET-SEGMENT:7/0a0b0c0d/42\r\nhttps://cdn/x.ts',
  );
  expect(playlistEdge(cdn, URL_)).toMatchObject({
    segment: { epoch: 7, rendition: '0a0b0c0d', msn: 42 },
    url: 'https://cdn/x.ts',
    lastDurationMs: 1500,
  });
});

test.each([
  ['ended', `${LIVE}\n#EXT-X-ENDLIST\n`],
  ['multivariant', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n0a0b0c0d/index.m3u8\n'],
  ['empty', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n'],
  ['not ours', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nseg1.ts\n'],
  ['no playlist', '<!doctype html>'],
])('reads nothing from a playlist: %s', (_name, text) => {
  expect(playlistEdge(text, URL_)).toBeUndefined();
});

test('limits an invalid duration to the target duration', () => {
  const odd = LIVE.replace('1.500', '99');
  expect(playlistEdge(odd, URL_)?.lastDurationMs).toBe(2000);
  expect(playlistEdge(LIVE.replace('1.500', 'x'), URL_)?.lastDurationMs).toBe(2000);
});
