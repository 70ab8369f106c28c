import type Hls from 'hls.js';
import { addEnginePage, type EnginePages } from '../harness/pages/engine-page.ts';
import { LadderOrigin } from '../harness/ladder/ladder-origin.ts';
import { makeProgramme } from '../harness/ladder/programme.ts';
import { PageServer } from '../harness/servers/page-server.ts';
import { expectNoStall, playing } from '../harness/viewers/play.ts';
import { eachLoads, expectShared, loaded } from '../harness/sharing.ts';
import { expect, test } from '../harness/test.ts';
import type { Viewer } from '../harness/viewers/viewers.ts';

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

/** Segments of a rendition after which the viewers' bytes can be judged: the first ones come from the origin. */
const JUDGED = 11;
/** Limit of the origin's share: at least a third of the bytes of three viewers came from other viewers. */
const SHARE = 0.67;

test('MPEG-TS, three levels, sound and subtitles in two languages: each passes through the swarm when switched to', async ({
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
    await expectShared(proxy, three, 'main', top, SHARE);
    await expectShared(proxy, three, 'audio', 0, SHARE);

    // Before the switch no viewer plays the other sound, and none has loaded any of it.
    expect(await loaded(three, 'audio', 1)).toEqual([[], [], []]);
    await Promise.all(three.map((viewer) => tell(viewer, { audioTrack: 1, subtitleTrack: 0 })));
    await eachLoads(three, 'audio', 1, JUDGED);
    await eachLoads(three, 'subtitle', 0, JUDGED);
    await expectShared(proxy, three, 'audio', 1, SHARE);
    await expectShared(proxy, three, 'subtitle', 0, SHARE);
    await eachReads(three, 'en');

    await Promise.all(three.map((viewer) => tell(viewer, { subtitleTrack: 1, nextLevel: 0 })));
    await eachLoads(three, 'main', 0, JUDGED);
    await eachLoads(three, 'subtitle', 1, JUDGED);
    await expectShared(proxy, three, 'main', 0, SHARE);
    await expectShared(proxy, three, 'subtitle', 1, SHARE);
    await eachReads(three, 'da');
    await expectNoStall(three);
  } finally {
    await origin.close();
  }
});

/** Expects that every viewer sees a subtitle in that language. */
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
