import { expect, test } from 'vitest';
import { SegmentUrls } from './segment-urls.ts';

const prefix = 'https://host/live/demo/';
const address = {
  stream: 'demo',
  serverOrigin: 'https://host',
  signallingPath: '/swarm',
  mediaPrefix: prefix,
};

test('extension and query of a rendition are learnt from what the player asks for', () => {
  const urls = new SegmentUrls(address);
  const id = { epoch: 7, rendition: '0a0b0c0d', msn: 13 };
  expect(urls.urlOf(id)).toBeUndefined();
  expect(urls.learn(`${prefix}0a0b0c0d/12.m4s?epoch=7&token=t#x`)).toEqual({ ...id, msn: 12 });
  expect(urls.urlOf(id)).toBe(`${prefix}0a0b0c0d/13.m4s?epoch=7&token=t`);
  expect(urls.urlOf({ ...id, epoch: 8 })).toBe(`${prefix}0a0b0c0d/13.m4s?epoch=8&token=t`);
  expect(urls.urlOf({ ...id, rendition: '00000001' })).toBeUndefined();
});

test.each([
  'https://elsewhere/live/demo/0a0b0c0d/12.ts?epoch=7',
  'https://host/live/other/0a0b0c0d/12.ts?epoch=7',
  `${prefix}0a0b0c0d/init-abc.mp4?epoch=7`,
  `${prefix}0a0b0c0d/index.m3u8`,
])('%s is no segment of this stream', (url) => {
  expect(new SegmentUrls(address).learn(url)).toBeUndefined();
});

test('remembers a bounded number of renditions, the newest', () => {
  const urls = new SegmentUrls(address);
  const rendition = (i: number) => i.toString(16).padStart(8, '0');
  for (let i = 0; i < 100; i++) urls.learn(`${prefix}${rendition(i)}/1.ts?epoch=1`);
  expect(urls.urlOf({ epoch: 1, rendition: rendition(0), msn: 1 })).toBeUndefined();
  expect(urls.urlOf({ epoch: 1, rendition: rendition(99), msn: 1 })).toBeDefined();
});
