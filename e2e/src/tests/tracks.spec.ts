import type Hls from 'hls.js';
import { segmentIdFromUrl } from '@freshet/protocol';
import type { CountingProxy } from '../harness/counting-proxy.ts';
import { addEnginePage, type EnginePages } from '../harness/engine-page.ts';
import { LadderOrigin } from '../harness/ladder/ladder-origin.ts';
import { makeProgramme } from '../harness/ladder/programme.ts';
import { PageServer } from '../harness/page-server.ts';
import { expectNoStall, playing } from '../harness/play.ts';
import { read } from '../harness/probe/probe.ts';
import type { LoadedSegment } from '../harness/probe/reading.ts';
import { expect, test } from '../harness/test.ts';
import type { Viewer } from '../harness/viewers.ts';

let pages: PageServer;
let engine: EnginePages;
test.beforeAll(async () => {
  pages = await PageServer.start();
  engine = await addEnginePage(pages);
});
test.afterAll(async () => {
  await engine.remove();
  await pages.close();
});

/** Segments of a rendition after which what viewers took together can be judged: the first ones come from the origin. */
const JUDGED = 5;

test('MPEG-TS, three levels, sound and subtitles in two languages: each comes through the swarm, switched during play', async ({
  startServer,
  startProxy,
  viewers,
}) => {
  const origin = await LadderOrigin.start(await makeProgramme(120, 'ts'));
  try {
    const server = await startServer({ sources: { live: origin.url } });
    await server.live('live');
    const proxy = await startProxy(server.url);
    const url = engine.url(`${proxy.url}live/live/index.m3u8`);
    const three = [await viewers.open('a', url), await viewers.open('b', url), await viewers.open('c', url)];
    await playing(three);
    const top = 2;
    await eachLoads(three, 'main', top, JUDGED);
    await expectShared(proxy, three, 'main', top);
    await expectShared(proxy, three, 'audio', 0);

    // Before the other sound is asked for, none of it was taken: nobody plays it.
    expect(await loaded(three, 'audio', 1)).toEqual([[], [], []]);
    await Promise.all(three.map((viewer) => tell(viewer, { audioTrack: 1, subtitleTrack: 0 })));
    await eachLoads(three, 'audio', 1, JUDGED);
    await eachLoads(three, 'subtitle', 0, JUDGED);
    await expectShared(proxy, three, 'audio', 1);
    await expectShared(proxy, three, 'subtitle', 0);
    await eachReads(three, 'en');

    await Promise.all(three.map((viewer) => tell(viewer, { subtitleTrack: 1, nextLevel: 0 })));
    await eachLoads(three, 'main', 0, JUDGED);
    await eachLoads(three, 'subtitle', 1, JUDGED);
    await expectShared(proxy, three, 'main', 0);
    await expectShared(proxy, three, 'subtitle', 1);
    await eachReads(three, 'da');
    await expectNoStall(three);
  } finally {
    await origin.close();
  }
});

async function loaded(viewers: readonly Viewer[], kind: string, level: number): Promise<LoadedSegment[][]> {
  const readings = await Promise.all(viewers.map(({ page }) => read(page)));
  return readings.map(({ loadedSegments }) =>
    loadedSegments.filter((segment) => segment.kind === kind && segment.level === level),
  );
}

async function eachLoads(
  viewers: readonly Viewer[],
  kind: string,
  level: number,
  count: number,
): Promise<void> {
  await expect
    .poll(async () => Math.min(...(await loaded(viewers, kind, level)).map((segments) => segments.length)), {
      message: `each viewer loads ${count} segments of ${kind} ${level}`,
      timeout: 30_000,
    })
    .toBeGreaterThanOrEqual(count);
}

/**
 * Of the segments of that rendition that each viewer was given, fewer bytes left the origin than viewers took together:
 * at least a third came from one another.
 */
async function expectShared(
  proxy: CountingProxy,
  viewers: readonly Viewer[],
  kind: string,
  level: number,
): Promise<void> {
  const segments = (await loaded(viewers, kind, level)).flat();
  const taken = segments.reduce((sum, { bytes }) => sum + bytes, 0);
  const renditions = new Set(segments.map(({ url }) => segmentIdFromUrl(url)?.rendition));
  expect(renditions.size, `${kind} ${level} is one rendition of the relay`).toBe(1);
  let left = 0;
  for (const [path, bytes] of proxy.segments)
    if (renditions.has(segmentIdFromUrl(path)?.rendition)) left += bytes;
  console.log(`${kind} ${level}: ${(left / taken).toFixed(2)} of ${taken} bytes left the origin`);
  expect.soft(left / taken, `${kind} ${level}: share that left the origin`).toBeLessThan(0.67);
}

/** Every viewer sees a subtitle of that language. */
async function eachReads(viewers: readonly Viewer[], language: string): Promise<void> {
  for (const { name, page } of viewers)
    await expect
      .poll(
        () =>
          page.evaluate(() =>
            Array.from(document.querySelector('video')?.textTracks ?? [])
              .filter(({ mode }) => mode === 'showing')
              .flatMap(({ activeCues }) => Array.from(activeCues ?? []))
              .map((cue) => (cue as VTTCue).text)
              .join(),
          ),
        { message: `viewer ${name} reads ${language}` },
      )
      .toMatch(new RegExp(`^${language} \\d+`));
}

async function tell({ page }: Viewer, what: Partial<Hls>): Promise<void> {
  await page.evaluate((settings) => {
    Object.assign((globalThis as unknown as { hls: Hls }).hls, settings);
  }, what as object);
}
