import { segmentIdFromUrl } from '@freshet/protocol';
import { expect } from '@playwright/test';
import type { CountingProxy } from './servers/counting-proxy.ts';
import { read } from './probe/probe.ts';
import type { LoadedSegment } from './probe/reading.ts';
import { statistics } from './viewers/statistics.ts';
import type { Viewer } from './viewers/viewers.ts';

/** The segments of one track that each viewer's player received. */
export async function loaded(
  viewers: readonly Viewer[],
  kind: string,
  level: number,
): Promise<LoadedSegment[][]> {
  const readings = await Promise.all(viewers.map(({ page }) => read(page)));
  return readings.map(({ loadedSegments }) =>
    loadedSegments.filter((segment) => segment.kind === kind && segment.level === level),
  );
}

/** Waits until each viewer's player has received this many segments of a track. */
export async function eachLoads(
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
 * Expects that of the segments of a track, fewer bytes left the origin than the viewers received together: the rest
 * came from other viewers.
 * @param share upper limit of the origin's share in the received bytes
 */
export async function expectShared(
  proxy: CountingProxy,
  viewers: readonly Viewer[],
  kind: string,
  level: number,
  share: number,
): Promise<void> {
  const segments = (await loaded(viewers, kind, level)).flat();
  const taken = segments.reduce((sum, { bytes }) => sum + bytes, 0);
  const renditions = new Set(segments.map(({ url }) => segmentIdFromUrl(url)?.rendition));
  expect(renditions.size, `${kind} ${level} is one rendition of the relay`).toBe(1);
  let left = 0;
  for (const [path, bytes] of proxy.segments)
    if (renditions.has(segmentIdFromUrl(path)?.rendition)) left += bytes;
  console.log(`${kind} ${level}: ${(left / taken).toFixed(2)} of ${taken} bytes left the origin`);
  expect.soft(left / taken, `${kind} ${level}: share that left the origin`).toBeLessThan(share);
}

/** Waits until every viewer has joined the swarm and is linked with all the others. */
export async function linked(viewers: readonly Viewer[]): Promise<void> {
  for (const { name, page } of viewers)
    await expect
      .poll(async () => statistics(page), { message: `viewer ${name} is linked with all others` })
      .toMatchObject({ state: 'swarming', stateCode: 'joined', neighbours: viewers.length - 1 });
}
