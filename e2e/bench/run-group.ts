import { setTimeout as pause } from 'node:timers/promises';
import { type Browser, chromium } from '@playwright/test';
import { chromiumOptions } from '../src/harness/chromium.ts';
import { CountingProxy } from '../src/harness/counting-proxy.ts';
import { FreshetServer } from '../src/harness/freshet-server.ts';
import { readAll, starvations, streamSeconds, totalMs } from '../src/harness/probe/probe.ts';
import { nextPublication, type Publication } from '../src/harness/segment-clock.ts';
import { statistics } from '../src/harness/statistics.ts';
import { type Viewer, Viewers } from '../src/harness/viewers.ts';
import { type Clip, SEGMENT_SECONDS } from './clip.ts';
import { browserCpuSeconds } from './cpu.ts';
import type { Engine, GroupResult } from './group-result.ts';
import { LiveOrigin } from './live-origin.ts';
import type { BenchOptions } from './options.ts';
import { SegmentSizes } from './segment-sizes.ts';

const STREAM = 'live';

export interface GroupOptions extends BenchOptions {
  readonly engine: Engine;
  readonly clip: Clip;
  /** The page to open, given the URL under which viewers see the server (with a slash at its end). */
  readonly page: (serverUrl: string, stream: string) => string;
}

/** One group of viewers, with a source, a server and a browser of its own: they join, stay, and are read out. */
export async function runGroup(options: GroupOptions): Promise<GroupResult> {
  const closers: (() => unknown)[] = [];
  const closing = <T>(part: T, close: (part: T) => unknown): T => {
    closers.unshift(() => close(part));
    return part;
  };
  try {
    const origin = closing(await LiveOrigin.start(options.clip), (part) => part.close());
    const server = closing(await FreshetServer.start({ sources: { [STREAM]: origin.url } }), (part) =>
      part.kill(),
    );
    await server.live(STREAM);
    const proxy = closing(await CountingProxy.start(server.url), (part) => part.close());
    const sizes = closing(new SegmentSizes(server.playlistUrl(STREAM)), (part) => {
      part.close();
    });
    const browser = closing(await chromium.launch(chromiumOptions()), (part) => part.close());
    try {
      return await watch(options, { origin, server, proxy, sizes, browser });
    } catch (error) {
      throw new Error(`the run broke off; the server's log:\n${server.output}`, { cause: error });
    }
  } finally {
    for (const close of closers) await close();
  }
}

interface Stage {
  readonly origin: LiveOrigin;
  readonly server: FreshetServer;
  readonly proxy: CountingProxy;
  readonly sizes: SegmentSizes;
  readonly browser: Browser;
}

async function watch(
  { engine, viewers: count, seconds, page }: GroupOptions,
  { origin, server, proxy, sizes, browser }: Stage,
): Promise<GroupResult> {
  const viewers = new Viewers(browser);
  const counts = (): { taken: number; published: number } => ({
    taken: proxy.segmentBytes,
    published: origin.publishedBytes,
  });
  await sizes.look();
  const joins: (() => Promise<Viewer>)[] = [];
  for (let i = 0; i < count; i++)
    joins.push(await viewers.ready(`${engine}-${i + 1}`, page(proxy.url, STREAM)));
  const publication = await nextPublication(server.playlistUrl(STREAM));
  const start = counts();
  const all: Viewer[] = [];
  for (const join of joins) {
    const next = pause(1000);
    all.push(await join());
    await next;
  }
  const joined = performance.now();
  const cpuBefore = await browserCpuSeconds(browser);
  await pause((seconds * 1000) / 3);
  const settled = counts();
  await pause(joined + seconds * 1000 - performance.now());

  const end = counts();
  const [cpuAfter, readings] = await Promise.all([
    browserCpuSeconds(browser),
    readAll(all.map((viewer) => viewer.page)),
  ]);
  const elapsed = (performance.now() - joined) / 1000;
  const selfReported = await Promise.all(all.map((viewer) => statistics(viewer.page)));
  await viewers.close();
  await sizes.look();
  const bufferedBytes = sizes.sum(readings.flatMap(({ bufferedSegments }) => bufferedSegments));
  const originBytes = end.taken - start.taken;
  return {
    engine,
    originBytes,
    publishedBytes: end.published - start.published,
    bufferedBytes,
    originCopies: originBytes / (end.published - start.published),
    steadyOriginCopies: (end.taken - settled.taken) / (end.published - settled.published),
    offload: 1 - originBytes / bufferedBytes,
    startupMs: readings.map(({ startupMs }) => startupMs),
    firstPictureMs: readings.map(({ firstPictureMs }) => firstPictureMs),
    latencySeconds: readings.map((reading) => {
      const at = streamSeconds(reading, reading.wallMs, SEGMENT_SECONDS);
      return at === undefined ? undefined : liveEdgeSeconds(publication, reading.wallMs) - at;
    }),
    stalls: readings.map((reading) => starvations(reading).length),
    stalledMs: readings.map((reading) => totalMs(starvations(reading))),
    decoderStopsMs: readings.map((reading) => totalMs(reading.stalls) - totalMs(starvations(reading))),
    cpuCores: (cpuAfter - cpuBefore) / elapsed,
    selfReported,
  };
}

/** How far the stream has got: segments come at an even pace, so one publication tells the time of all. */
function liveEdgeSeconds({ nextMsn, wallMs }: Publication, now: number): number {
  return nextMsn * SEGMENT_SECONDS + (now - wallMs) / 1000;
}
