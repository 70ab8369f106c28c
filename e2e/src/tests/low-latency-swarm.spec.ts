import type Hls from 'hls.js';
import { median } from '../../bench/report/median.ts';
import { addEnginePage } from '../harness/pages/engine-page.ts';
import { PartOrigin } from '../harness/sources/part-origin.ts';
import { addPlainPage } from '../harness/pages/plain-page.ts';
import { expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import { nextPublication } from '../harness/sources/segment-clock.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { expect, test } from '../harness/test.ts';
import type { Viewer } from '../harness/viewers/viewers.ts';

const STAY_SECONDS = 40;
const VIEWERS = [0, 1, 2, 3, 4, 5];

test('4 s segments in 0.5 s parts: six viewers share the parts, as live as plain hls.js, without a stall', async ({
  startServer,
  startProxy,
  viewers,
  pages,
}, info) => {
  test.setTimeout(180_000);
  const origin = await PartOrigin.start(150);
  const engine = await addEnginePage(pages);
  try {
    const server = await startServer({ sources: { live: origin.url }, args: ['--low-latency', 'on'] });
    await server.live('live');
    // Plain viewers of the same relay load through a proxy, so that their bytes can be subtracted.
    const proxy = await startProxy(server.url);
    // hls.js uses parts only once its buffer has passed the first one listed.
    for (let segments = 0; segments < 3; segments++) await nextPublication(server.playlistUrl('live'));
    const options = {
      prepare: () => {
        // Otherwise hls.js never makes up the delay of its first part, whatever the hold-backs say.
        Object.assign(globalThis, { hlsOptions: { lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.2 } });
      },
    };
    const plainUrl = addPlainPage(pages)(`${proxy.url}live/live/index.m3u8`);
    const freshUrl = engine.url(server.playlistUrl('live'));
    const plainJoins = await Promise.all([0, 1].map((i) => viewers.ready(`plain-${i}`, plainUrl, options)));
    const joins = await Promise.all(VIEWERS.map((i) => viewers.ready(`fresh-${i}`, freshUrl, options)));

    const plain: Viewer[] = [];
    for (const join of plainJoins) plain.push(await join());
    await playing(plain);
    const left = async () => (await server.metrics()).originSegmentBytes('live') - proxy.segmentBytes;
    const before = await left();
    const fresh: Viewer[] = [];
    for (const join of joins) {
      fresh.push(await join());
      await playing(fresh.slice(-1));
    }
    await playOn(fresh, 6);
    const [steadyLeft, steadyTaken] = [await left(), await taken(fresh)];
    await playOn(fresh, STAY_SECONDS);

    const [endLeft, endTaken] = [await left(), await taken(fresh)];
    const [latencies, plainLatencies] = [
      await Promise.all(fresh.map(latency)),
      await Promise.all(plain.map(latency)),
    ];
    const figures = {
      offload: 1 - (endLeft - before) / endTaken,
      steadyOffload: 1 - (endLeft - steadyLeft) / (endTaken - steadyTaken),
      behindPlainSeconds: median(latencies) - median(plainLatencies),
      latencies,
      plainLatencies,
      selfReported: await Promise.all(fresh.map(({ page }) => statistics(page))),
    };
    console.log(
      `offload ${figures.offload.toFixed(3)}, steady ${figures.steadyOffload.toFixed(3)}, ${median(latencies).toFixed(2)} s behind live, ${figures.behindPlainSeconds.toFixed(2)} s behind plain hls.js`,
    );
    await info.attach('figures.json', {
      body: JSON.stringify(figures, undefined, 2),
      contentType: 'application/json',
    });
    expect.soft(figures.offload, 'offload from the first byte').toBeGreaterThanOrEqual(0.6);
    expect.soft(figures.behindPlainSeconds, 'seconds behind plain hls.js').toBeLessThanOrEqual(0.3);
    await expectNoStall(fresh);
  } finally {
    await engine.remove();
    await origin.close();
  }
});

/** Bytes of segments and parts that the players received, counted by the viewers' clients. */
async function taken(viewers: readonly Viewer[]): Promise<number> {
  const all = await Promise.all(viewers.map(({ page }) => statistics(page)));
  return all.reduce((sum, figures) => sum + (figures?.playedBytes ?? 0), 0);
}

/** Seconds between filming and showing, by the stream's EXT-X-PROGRAM-DATE-TIME. Source and page share one clock. */
function latency({ page }: Viewer): Promise<number> {
  return page.evaluate(() => {
    const { hls } = globalThis as unknown as { hls: Hls };
    return (Date.now() - (hls.playingDate?.getTime() ?? 0)) / 1000;
  });
}
