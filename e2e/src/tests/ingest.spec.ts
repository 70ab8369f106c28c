import type Hls from 'hls.js';
import { FreshetServer } from '../harness/servers/freshet-server.ts';
import { Icecast } from '../harness/sources/icecast.ts';
import { freePort } from '../harness/programs/free-port.ts';
import { publishMp3, publishRtmp, publishTo } from '../harness/sources/encoder.ts';
import { isRunning } from '../harness/programs/is-running.ts';
import { NginxRtmp } from '../harness/sources/nginx-rtmp.ts';
import { addPlainPage } from '../harness/pages/plain-page.ts';
import { expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import type { Program } from '../harness/programs/program.ts';
import { nextPublication } from '../harness/sources/segment-clock.ts';
import { eachLoads, expectShared } from '../harness/sharing.ts';
import { expect, test } from '../harness/test.ts';
import { until } from '../harness/programs/until.ts';

const KEY = 'a-long-secret-stream-key';
/** Limit of the origin's share in the bytes of two viewers. Without sharing it is 1. */
const SHARE = 0.85;

let programs: Program[] = [];
let closing: (() => Promise<void>)[] = [];
test.afterEach(async () => {
  await Promise.all(programs.map((program) => program.stop('SIGKILL')));
  await Promise.all(closing.map((close) => close()));
  programs = [];
  closing = [];
});

test('RTMP from nginx plays with two viewers that share it, and continues when the encoder comes back', async ({
  startServer,
  startProxy,
  viewers,
}) => {
  const nginx = await NginxRtmp.start();
  closing.push(() => nginx.close());
  const encoder = publishRtmp(nginx.rtmpUrl(KEY));
  programs.push(encoder);
  const server = await startServer({ sources: { live: nginx.rtmpUrl(KEY) } });
  await server.live('live');
  // The first viewers of a stream that has just begun play so close to its end that they cannot wait for each other.
  for (let segments = 1; segments < 3; segments++) await nextPublication(server.playlistUrl('live'));
  const proxy = await startProxy(server.url);
  const url = `${proxy.url}watch/live`;
  const two = [await viewers.open('a', url), await viewers.open('b', url)];
  await playing(two);
  await eachLoads(two, 'main', 0, 11);
  await expectShared(proxy, two, 'main', 0, SHARE);
  await expectNoStall(two);

  await encoder.stop('SIGKILL');
  programs.push(publishRtmp(nginx.rtmpUrl(KEY)));
  await until(async () => (await server.metrics()).sum('freshet_ffmpeg_restarts_total') > 0, {
    what: 'ffmpeg to be started again',
    timeoutMs: 5000,
  });
  await playOn(two, 20, 30_000);
  await expectNoStall(two);
  expect(server.output, 'the stream key is in no log').not.toContain(KEY);
});

test('RTMP in parts of half a second: plain hls.js plays less than 3 s behind the server', async ({
  startServer,
  viewers,
  pages,
}) => {
  const nginx = await NginxRtmp.start();
  closing.push(() => nginx.close());
  programs.push(publishRtmp(nginx.rtmpUrl(KEY)));
  const sources = { live: nginx.rtmpUrl(KEY) };
  const server = await startServer({ sources, args: ['--low-latency', 'on'] });
  await server.live('live');
  const url = server.playlistUrl('live');
  // As in low-latency.spec.ts: hls.js uses parts only once it has passed the first one listed.
  for (let segments = 0; segments < 5; segments++) await nextPublication(url);
  const viewer = await viewers.open('plain', addPlainPage(pages)(url), { prepare: lowLatency });
  await playing([viewer]);
  await playOn([viewer], 12);
  const latency = await viewer.page.evaluate(() => {
    const { hls } = globalThis as unknown as { hls: Hls };
    return (Date.now() - (hls.playingDate?.getTime() ?? 0)) / 1000;
  });
  console.log(`${latency.toFixed(2)} s behind the server`);
  expect.soft(latency, 'seconds behind the server').toBeLessThan(3);
  await expectNoStall([viewer]);
});

test('an Icecast station plays in its own MP3', async ({ startServer, viewers }) => {
  const icecast = await Icecast.start();
  closing.push(() => icecast.close());
  programs.push(publishMp3(icecast.sourceUrl('station')));
  const server = await startServer({ sources: { radio: icecast.url('station') } });
  await server.live('radio');
  const one = await viewers.open('a', server.watchUrl('radio'));
  await playing([one]);
  await expect(one.page.locator('freshet-player .sound')).toBeVisible();
  await playOn([one], 8);
  await expectNoStall([one]);
});

test('HLS that an encoder uploads with the key plays', async ({ startServer, viewers }) => {
  const server = await startServer({ args: ['--ingest-key', `live=${KEY}`] });
  const hls = ['-f', 'hls', '-hls_time', '2', '-hls_flags', 'delete_segments', '-method', 'PUT'];
  programs.push(publishTo(`${server.url}ingest/live/${KEY}/index.m3u8`, [...hls, '-http_persistent', '1']));
  await server.live('live');
  const one = await viewers.open('a', server.watchUrl('live'));
  await playing([one]);
  await playOn([one], 8);
  await expectNoStall([one]);
});

test('chunked CMAF that an encoder uploads plays in parts: plain hls.js is less than 3 s behind the newest', async ({
  startServer,
  viewers,
  pages,
}) => {
  const server = await startServer({ args: ['--low-latency', 'on', '--ingest-key', `live=${KEY}`] });
  const dash = [
    '-f',
    'dash',
    '-streaming',
    '1',
    '-hls_playlist',
    '1',
    '-seg_duration',
    '4',
    '-method',
    'PUT',
  ];
  const chunks = ['-frag_type', 'duration', '-frag_duration', '0.5', '-http_persistent', '1'];
  programs.push(publishTo(`${server.url}ingest/live/${KEY}/live.mpd`, [...dash, ...chunks]));
  await server.live('live');
  const url = server.playlistUrl('live');
  for (let segments = 0; segments < 2; segments++) await nextPublication(url);
  const viewer = await viewers.open('plain', addPlainPage(pages)(url), { prepare: lowLatency });
  await playing([viewer]);
  await playOn([viewer], 10);
  const seen = await viewer.page.evaluate(() => ({
    latency: (globalThis as unknown as { hls: Hls }).hls.latency,
    parts: performance.getEntriesByType('resource').filter(({ name }) => /\/\d+\.\d+\.m4s\?/.test(name))
      .length,
  }));
  console.log(`${seen.latency.toFixed(2)} s behind the newest part`);
  expect.soft(seen.latency, 'seconds behind the newest part').toBeLessThan(3);
  // 10 s are 19 video and 19 audio parts. Of each track, the rest of one segment may be loaded as a whole.
  expect.soft(seen.parts, 'parts that it fetched').toBeGreaterThan(20);
  await expectNoStall([viewer]);
});

test('a server that is killed leaves no ffmpeg behind', async () => {
  const port = await freePort();
  const sources = { live: `srt://:${port}?mode=listener` };
  const server = await FreshetServer.start({ sources, args: ['--log-level', 'debug'] });
  closing.push(() => server.kill());
  const pid = await server.ffmpegPid();
  expect(pid).not.toBe(server.pid);
  expect(isRunning(pid)).toBe(true);
  await server.kill();
  await until(() => !isRunning(pid), { what: 'ffmpeg to end', timeoutMs: 5000 });
});

/** Runs in the page. Without a rate above 1 hls.js never makes up the delay of its first part. */
function lowLatency(): void {
  Object.assign(globalThis, { hlsOptions: { lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.2 } });
}
