import { setTimeout as pause } from 'node:timers/promises';
import { addPlainPage } from '../harness/pages/plain-page.ts';
import { expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import { readAll, streamSeconds } from '../harness/probe/probe.ts';
import { evenPublications, nextPublication } from '../harness/sources/segment-clock.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { expect, test } from '../harness/test.ts';
import type { Viewer } from '../harness/viewers/viewers.ts';

const SEGMENT_SECONDS = 2;
const STAY_SECONDS = 40;

test('four viewers of a real media server: about one copy, no stall, as live as plain hls.js', async ({
  mediaServer,
  startServer,
  startProxy,
  viewers,
  pages,
}, info) => {
  const server = await startServer({ sources: { live: mediaServer.url } });
  await server.live('live');
  // Plain viewers of the same stream load through a proxy, so that their bytes can be subtracted.
  const proxy = await startProxy(server.url);
  const plainUrl = addPlainPage(pages)(`${proxy.url}live/live/index.m3u8`);
  const watchUrl = server.watchUrl('live');

  const joins = {
    plain: await Promise.all([0, 1].map((i) => viewers.ready(`plain-${i}`, plainUrl))),
    fresh: await Promise.all([0, 1, 2, 3].map((i) => viewers.ready(`fresh-${i}`, watchUrl))),
  };
  await evenPublications(server.playlistUrl('live'));
  const before = await server.metrics();
  // Viewers join a second apart, and segments last 2 s: the first and third start at one point of the segment clock,
  // the others at another. The plain viewers join first and have settled by then, because two cores cannot start six
  // players together.
  const plain = await joinInTurn(joins.plain, server.playlistUrl('live'));
  await playing(plain);
  const fresh = await joinInTurn(joins.fresh, server.playlistUrl('live'));
  await playing(fresh);
  await playOn(fresh, STAY_SECONDS);

  const [after, readings, plainReadings] = await Promise.all([
    server.metrics(),
    readAll(fresh.map(({ page }) => page)),
    readAll(plain.map(({ page }) => page)),
  ]);
  const published = after.publishedBytes('live') - before.publishedBytes('live');
  const taken = after.originSegmentBytes('live') - before.originSegmentBytes('live') - proxy.segmentBytes;
  const now = Date.now();
  const positions = readings.map((reading) => streamSeconds(reading, now, SEGMENT_SECONDS) ?? Number.NaN);
  const plainPositions = plainReadings.map(
    (reading) => streamSeconds(reading, now, SEGMENT_SECONDS) ?? Number.NaN,
  );
  const behindPlain = mean(plainPositions) - mean(positions);
  const figures = {
    originCopies: taken / published,
    behindPlainSeconds: behindPlain,
    startupMs: readings.map(({ startupMs }) => startupMs),
    plainStartupMs: plainReadings.map(({ startupMs }) => startupMs),
    positions,
    plainPositions,
    selfReported: await Promise.all(fresh.map(({ page }) => statistics(page))),
  };
  console.log(
    `origin copies ${figures.originCopies.toFixed(2)}, ${behindPlain.toFixed(2)} s behind plain hls.js`,
  );
  await info.attach('figures.json', {
    body: JSON.stringify(figures, undefined, 2),
    contentType: 'application/json',
  });

  expect.soft(published, 'the window saw the stream').toBeGreaterThan(STAY_SECONDS * 40_000);
  expect.soft(figures.originCopies, 'origin copies of segments').toBeLessThanOrEqual(1.5);
  expect.soft(behindPlain, 'seconds behind plain hls.js').toBeLessThanOrEqual(0.5);
  await expectNoStall(fresh);
});

/** One viewer joins each second, from the moment at which the relay publishes a segment. */
async function joinInTurn(
  joins: readonly (() => Promise<Viewer>)[],
  playlistUrl: string,
): Promise<readonly Viewer[]> {
  const viewers: Viewer[] = [];
  await nextPublication(playlistUrl);
  for (const join of joins) {
    const next = pause(1000);
    viewers.push(await join());
    await next;
  }
  return viewers;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
