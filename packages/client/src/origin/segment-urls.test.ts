import { expect, test } from 'vitest';
import { SegmentUrls } from './segment-urls.ts';

const prefix = 'https://host/live/demo/';
const address = {
  stream: 'demo',
  serverOrigin: 'https://host',
  signallingPath: '/swarm',
  mediaPrefix: prefix,
};

test('learns a rendition’s extension and query from the player’s requests', () => {
  const urls = new SegmentUrls(address);
  const id = { epoch: 7, rendition: '0a0b0c0d', msn: 13 };
  expect(urls.urlOf(id)).toBeUndefined();
  expect(urls.learn(`${prefix}0a0b0c0d/12.m4s?epoch=7&token=t#x`)).toEqual({ ...id, msn: 12 });
  expect(urls.urlOf(id)).toBe(`${prefix}0a0b0c0d/13.m4s?epoch=7&token=t`);
  expect(urls.listUrlOf(id)).toBe(`${prefix}0a0b0c0d/13.pieces?epoch=7&token=t`);
  expect(urls.urlOf({ ...id, epoch: 8 })).toBe(`${prefix}0a0b0c0d/13.m4s?epoch=8&token=t`);
  expect(urls.urlOf({ ...id, rendition: '00000001' })).toBeUndefined();
});

test.each([
  'https://elsewhere/live/demo/0a0b0c0d/12.ts?epoch=7',
  'https://host/live/other/0a0b0c0d/12.ts?epoch=7',
  `${prefix}0a0b0c0d/init-abc.mp4?epoch=7`,
  `${prefix}0a0b0c0d/index.m3u8`,
])('%s is not a segment of this stream', (url) => {
  expect(new SegmentUrls(address).learn(url)).toBeUndefined();
});

test('remembers a bounded number of the newest renditions', () => {
  const urls = new SegmentUrls(address);
  const rendition = (i: number) => i.toString(16).padStart(8, '0');
  for (let i = 0; i < 100; i++) urls.learn(`${prefix}${rendition(i)}/1.ts?epoch=1`);
  expect(urls.urlOf({ epoch: 1, rendition: rendition(0), msn: 1 })).toBeUndefined();
  expect(urls.urlOf({ epoch: 1, rendition: rendition(99), msn: 1 })).toBeDefined();
});

const CDN = [
  '#EXTM3U',
  '#EXTINF:2,',
  '#EXT-X-FRESHET-SEGMENT:7/0a0b0c0d/12',
  'https://cdn/a/12.ts?token=server&v=1',
  '#EXTINF:2,',
  '#EXT-X-FRESHET-SEGMENT:7/0a0b0c0d/x',
  'https://cdn/a/13.ts',
].join('\n');

test('learns CDN addresses from playlist tags and announcements, and adds the viewer’s query', () => {
  let token = 'mine';
  const urls = new SegmentUrls(address, () => `token=${token}`);
  const id = { epoch: 7, rendition: '0a0b0c0d', msn: 12 };
  expect(urls.learn('https://cdn/a/12.ts?token=server&v=1')).toBeUndefined();
  urls.readPlaylist(CDN);
  expect(urls.learn('https://cdn/a/12.ts?token=server&v=1')).toEqual(id);
  expect(urls.learn('https://cdn/a/13.ts')).toBeUndefined();
  expect(urls.urlOf(id)).toBe('https://cdn/a/12.ts?token=mine&v=1');
  token = 'renewed';
  expect(urls.urlOf(id)).toBe('https://cdn/a/12.ts?token=renewed&v=1');
  urls.locate('7/0a0b0c0d/14', 'https://cdn/b/14.ts');
  expect(urls.urlOf({ ...id, msn: 14 })).toBe('https://cdn/b/14.ts?token=renewed');
  expect(urls.addressed('https://cdn/b/14.ts')).toBe('https://cdn/b/14.ts?token=renewed');
  expect(urls.addressed(`${prefix}0a0b0c0d/12.ts?epoch=7`)).toBe(`${prefix}0a0b0c0d/12.ts?epoch=7`);
});

test('knows a moved segment by its new address only, and remembers a bounded number of addresses', () => {
  const urls = new SegmentUrls(address);
  urls.locate('7/0a0b0c0d/1', 'https://cdn/old.ts');
  urls.locate('7/0a0b0c0d/1', 'https://cdn/new.ts');
  expect(urls.learn('https://cdn/old.ts')).toBeUndefined();
  expect(urls.learn('https://cdn/new.ts')?.msn).toBe(1);
  for (let msn = 2; msn < 10_100; msn++) urls.locate(`7/0a0b0c0d/${msn}`, `https://cdn/${msn}.ts`);
  expect(urls.learn('https://cdn/new.ts')).toBeUndefined();
  expect(urls.learn('https://cdn/10099.ts')?.msn).toBe(10_099);
});
