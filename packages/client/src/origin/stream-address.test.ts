import { expect, test } from 'vitest';
import { parseStreamUrl } from './stream-address.ts';

test('finds server, tracker and media of a stream, with and without a base path', () => {
  expect(parseStreamUrl('https://host:8443/live/demo/index.m3u8?token=x')).toEqual({
    stream: 'demo',
    serverOrigin: 'https://host:8443',
    signallingPath: '/swarm',
    mediaPrefix: 'https://host:8443/live/demo/',
  });
  expect(parseStreamUrl('http://host/tv/live/a_b-1/index.m3u8')).toMatchObject({
    signallingPath: '/tv/swarm',
    mediaPrefix: 'http://host/tv/live/a_b-1/',
  });
});

test.each([
  'not a url',
  'ftp://host/live/demo/index.m3u8',
  'https://host/live/demo/other.m3u8',
  'https://host/live/index.m3u8',
  'https://host/live/de%20mo/index.m3u8',
  'https://host/hls/demo/index.m3u8',
])('%s is not the address of a stream', (url) => {
  expect(parseStreamUrl(url)).toBeUndefined();
});
