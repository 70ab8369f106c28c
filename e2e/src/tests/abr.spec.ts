import type Hls from 'hls.js';
import { addEnginePage, type EnginePages } from '../harness/pages/engine-page.ts';
import { LadderOrigin } from '../harness/ladder/ladder-origin.ts';
import { makeProgramme } from '../harness/ladder/programme.ts';
import { PageServer } from '../harness/servers/page-server.ts';
import { addPlainPage } from '../harness/pages/plain-page.ts';
import { buffered, expectNoStall, playing } from '../harness/viewers/play.ts';
import { read } from '../harness/probe/probe.ts';
import { eachLoads } from '../harness/sharing.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { expect, test } from '../harness/test.ts';
import { Throttle } from '../harness/viewers/throttle.ts';
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

/**
 * Between the lowest level (221 kbit/s with sound) and the middle one (515): the connection carries only the lowest.
 */
const THIN_KBPS = 370;
const [LOW, TOP] = [0, 2];

test('fMP4, three levels: a viewer switches down on a thin connection and back up as plain hls.js does, whatever its neighbours deliver', async ({
  startServer,
  viewers,
}) => {
  test.setTimeout(180_000);
  const origin = await LadderOrigin.start(await makeProgramme(150, 'fmp4'));
  try {
    const server = await startServer({ sources: { live: origin.url } });
    await server.live('live');
    const url = server.playlistUrl('live');
    // One after the other: two cores cannot start four players together.
    const join = async (name: string, page: string): Promise<Viewer> => {
      const viewer = await viewers.open(name, page);
      await playing([viewer]);
      return viewer;
    };
    const fast = await join('fast', engine.url(url));
    const low = await join('low', engine.url(url));
    const thin = await join('thin', engine.url(url));
    const plain = await join('plain', addPlainPage(pages)(url));
    await eachLoads([fast, thin, plain], 'main', TOP, 3);
    // A neighbour that feeds the thin viewer on the lowest level, as fast as the machine can, besides one on the top
    // level.
    await low.page.evaluate(() => {
      (globalThis as unknown as { hls: Hls }).hls.loadLevel = 0;
    });

    // A connection that thins out while a player has little media ahead stalls it, whatever it then loads.
    await buffered([thin, plain], 4.5);
    const throttles = [await Throttle.of(thin.page), await Throttle.of(plain.page)];
    await Promise.all(throttles.map((throttle) => throttle.to(THIN_KBPS)));
    await eachLoads([thin, plain], 'main', LOW, 8);
    const down = { thin: await levels(thin), plain: await levels(plain) };
    await Promise.all(throttles.map((throttle) => throttle.lift()));
    await expectBack([thin, plain], [down.thin.length, down.plain.length]);

    console.log(`thin:  ${(await levels(thin)).join('')}\nplain: ${(await levels(plain)).join('')}`);
    expect.soft(settled(down.thin), 'the highest level once it went down').toBe(LOW);
    expect.soft((await statistics(thin.page))?.peerBytes, 'bytes from neighbours').toBeGreaterThan(100_000);
    const seen = await read(fast.page);
    expect.soft(seen.emergencies, 'switches in the middle of a load that was held').toBe(0);
    const since = (await levels(fast)).lastIndexOf(LOW) + 3;
    expect
      .soft(new Set((await levels(fast)).slice(since)), 'levels of the fast viewer')
      .toEqual(new Set([TOP]));
    await expectNoStall([fast, low, thin]);
  } finally {
    await origin.close();
  }
});

/** Levels of the video segments that its player received, in order. */
async function levels({ page }: Viewer): Promise<readonly number[]> {
  const { loadedSegments } = await read(page);
  return loadedSegments.filter(({ kind }) => kind === 'main').map(({ level }) => level);
}

/** The highest level from the third segment on after its last segment of the top level. */
function settled(sequence: readonly number[]): number {
  return Math.max(...sequence.slice(sequence.lastIndexOf(TOP) + 3));
}

/** Expects that each loads three segments of a higher level after its first `from`. */
async function expectBack(viewers: readonly Viewer[], from: readonly number[]): Promise<void> {
  for (const [i, viewer] of viewers.entries())
    await expect
      .poll(async () => (await levels(viewer)).slice(from[i]).filter((level) => level > LOW).length, {
        message: `viewer ${viewer.name} comes back up`,
        // Between neighbours that deliver, it measures the origin by a piece in two segments, which took more than 60 s once.
        timeout: 90_000,
      })
      .toBeGreaterThanOrEqual(3);
}
