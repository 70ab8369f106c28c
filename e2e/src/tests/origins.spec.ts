import { Cdn } from '../harness/ladder/cdn.ts';
import { addEnginePage, type EnginePages } from '../harness/pages/engine-page.ts';
import { LadderOrigin } from '../harness/ladder/ladder-origin.ts';
import { makeLadder } from '../harness/ladder/ladder-clip.ts';
import type { Track } from '../harness/ladder/media-track.ts';
import { oneTrack } from '../harness/ladder/programme.ts';
import { PageServer } from '../harness/servers/page-server.ts';
import { expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import { read } from '../harness/probe/probe.ts';
import { eachLoads, expectShared, loaded } from '../harness/sharing.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { expect, test } from '../harness/test.ts';

let pages: PageServer;
let engine: EnginePages;
let origin: LadderOrigin | undefined;
let cdn: Cdn | undefined;
test.beforeAll(async () => {
  pages = await PageServer.start();
  engine = await addEnginePage(pages);
});
test.afterEach(async () => {
  await origin?.close();
  await cdn?.close();
});
test.afterAll(async () => {
  await engine.remove();
  await pages.close();
});

/** Limit of the origin's share in the bytes of two viewers. Without sharing it is 1. */
const SHARE = 0.85;
const ATTRIBUTES = 'BANDWIDTH=600000,CODECS="avc1.42c01e"';

test('viewers of segments from a CDN send their own tokens to it and still share', async ({
  startServer,
  startProxy,
  viewers,
}) => {
  const track = await midTrack(60);
  cdn = await Cdn.start(track);
  origin = await LadderOrigin.start(oneTrack('mid', cdn.listed(track, 'server'), ATTRIBUTES));
  const server = await startServer({ sources: { live: origin.url }, args: ['--fallback', 'cdn'] });
  await server.live('live');
  const proxy = await startProxy(server.url);
  const url = (token: string): string =>
    `${engine.url(`${proxy.url}live/live/index.m3u8`)}&cdn=token%3D${token}`;
  const two = [await viewers.open('a', url('token-a')), await viewers.open('b', url('token-b'))];
  await playing(two);
  await eachLoads(two, 'main', 0, 11);

  const taken = (await loaded(two, 'main', 0)).flat().reduce((sum, { bytes }) => sum + bytes, 0);
  const given = (token: string): number => cdn?.given.get(token) ?? 0;
  const left = given('token-a') + given('token-b');
  console.log(`CDN: ${(left / taken).toFixed(2)} of ${taken} bytes left it`);
  expect.soft(left / taken, 'share that left the CDN').toBeLessThan(SHARE);
  expect.soft([...cdn.given.keys()].sort(), 'tokens shown').toEqual(['server', 'token-a', 'token-b']);
  expect.soft(cdn.refused, 'requests without a token').toBe(0);
  expect.soft(proxy.segmentBytes, 'bytes of segments from the server').toBe(0);
  const published = (await server.metrics()).publishedBytes('live');
  expect.soft(given('server'), 'the server reads each segment once').toBeLessThan(published + 200_000);
  await expectNoStall(two);
});

test('with watermarked segments sharing ends, playback continues, and the reason is shown', async ({
  startServer,
  viewers,
}) => {
  const track = await midTrack(60);
  cdn = await Cdn.start(track, { watermarks: true });
  origin = await LadderOrigin.start(oneTrack('mid', cdn.listed(track, 'server'), ATTRIBUTES));
  const server = await startServer({ sources: { live: origin.url }, args: ['--fallback', 'cdn'] });
  await server.live('live');
  const url = (token: string): string => `${engine.url(server.playlistUrl('live'))}&cdn=token%3D${token}`;
  const two = [await viewers.open('a', url('token-a')), await viewers.open('b', url('token-b'))];
  await playing(two);
  for (const { name, page } of two)
    await expect
      .poll(async () => (await statistics(page))?.stateCode, {
        message: `viewer ${name} knows`,
        timeout: 30_000,
      })
      .toBe('per-viewer');

  const health = (await (await fetch(`${server.url}healthz`)).json()) as { streams: { sharing: string }[] };
  expect.soft(health.streams[0]?.sharing).toBe('off: segments differ from viewer to viewer');
  const metrics = await server.metrics();
  expect.soft(metrics.sum('freshet_sharing_off', { stream: 'live' })).toBe(1);
  expect.soft(metrics.sum('freshet_difference_reports_total', { stream: 'live' })).toBe(2);
  for (const { page } of two) {
    const { state, stateReason, neighbours, peerBytes } = (await statistics(page)) ?? {};
    expect.soft({ state, neighbours, peerBytes }).toEqual({ state: 'plain', neighbours: 0, peerBytes: 0 });
    expect.soft(stateReason).toContain('differ from viewer to viewer');
  }
  await playOn(two, 8);
  await expectNoStall(two);
});

test('a recording plays from its beginning, and viewers ahead feed viewers behind', async ({
  startServer,
  startProxy,
  viewers,
}) => {
  const track = await midTrack(60);
  origin = await LadderOrigin.start(oneTrack('mid', track, ATTRIBUTES), { recorded: true });
  const server = await startServer({ sources: { film: origin.url } });
  await server.live('film');
  const proxy = await startProxy(server.url);
  const playlist = await (await fetch(`${proxy.url}live/film/index.m3u8`)).text();
  const rendition = playlist.trimEnd().split('\n').at(-1) ?? '';
  const text = await (await fetch(new URL(rendition, `${proxy.url}live/film/`))).text();
  expect(text).toContain('#EXT-X-PLAYLIST-TYPE:VOD');
  expect(text).toContain('#EXT-X-ENDLIST');
  expect(text.match(/#EXTINF/g)?.length).toBe(track.entries.length);
  expect((await server.metrics()).publishedBytes('film'), 'nothing is read ahead').toBeLessThan(400_000);

  const url = engine.url(`${proxy.url}live/film/index.m3u8`);
  const ahead = await viewers.open('ahead', url);
  await playing([ahead]);
  await playOn([ahead], 5);
  const behind = await viewers.open('behind', url);
  const two = [ahead, behind];
  await playing(two);
  await eachLoads(two, 'main', 0, 15);

  const [first, second] = await loaded(two, 'main', 0);
  expect.soft(first?.[0]?.msn).toBe(0);
  expect.soft(second?.[0]?.msn).toBe(0);
  await expectShared(proxy, two, 'main', 0, SHARE);
  await expectNoStall(two);
});

test('a viewer rewinds beyond the source’s window, is fed by a viewer that was there, and returns to live', async ({
  startServer,
  startProxy,
  viewers,
}) => {
  const track = await midTrack(90);
  origin = await LadderOrigin.start(oneTrack('mid', track, ATTRIBUTES));
  const server = await startServer({ sources: { live: origin.url }, args: ['--dvr-hours', '0.1'] });
  await server.live('live');
  const proxy = await startProxy(server.url);
  const url = engine.url(`${proxy.url}live/live/index.m3u8`);
  const first = await viewers.open('first', url);
  await playing([first]);
  await playOn([first], 14);
  const late = await viewers.open('late', url);
  await playing([late]);
  const position = async () => (await read(late.page)).position?.msn ?? 0;
  const live = await position();
  const earliest = Math.min(...((await loaded([first], 'main', 0))[0] ?? []).map(({ msn }) => msn));
  const sources = await (await fetch(origin.url.replace('index', 'mid'))).text();
  const oldest = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(sources)?.[1]);
  expect(earliest, 'the source does not list it any more').toBeLessThan(oldest);

  await late.page.evaluate((segments) => {
    const video = document.querySelector('video');
    if (video !== null) video.currentTime -= segments * 2;
  }, live - earliest);
  await playOn([late], 4);
  expect(await position()).toBeLessThan(oldest);
  // Long enough that its bytes from there outweigh those from when it joined.
  await playOn([late], 20);
  await expectShared(proxy, [first, late], 'main', 0, SHARE);
  await late.page.evaluate(() => {
    const { hls } = globalThis as unknown as { hls: { liveSyncPosition: number } };
    const video = document.querySelector('video');
    if (video !== null) video.currentTime = hls.liveSyncPosition;
  });
  await playOn([late], 4);
  expect(await position()).toBeGreaterThan(live);
  await expectNoStall([first]);
});

async function midTrack(seconds: number): Promise<Track> {
  const track = (await makeLadder(seconds, 'ts')).get('mid');
  if (track === undefined) throw new Error('no level mid');
  return track;
}
