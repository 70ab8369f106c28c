import { expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { expect, test } from '../harness/test.ts';
import type { Viewer } from '../harness/viewers/viewers.ts';

test('no viewer stalls when the busiest relaying viewer is killed', async ({
  mediaServer,
  startServer,
  viewers,
}) => {
  const server = await startServer({ sources: { live: mediaServer.url } });
  await server.live('live');
  const all: Viewer[] = [];
  for (const name of ['a', 'b', 'c', 'd']) {
    const viewer = await viewers.open(name, server.watchUrl('live'));
    await playing([viewer]);
    all.push(viewer);
  }
  await playOn(all, 8);

  let busiest: { viewer: Viewer; given: number } | undefined;
  await expect
    .poll(
      async () => {
        for (const viewer of all) {
          const given = (await statistics(viewer.page))?.uploadedBytes ?? 0;
          if (given > (busiest?.given ?? 0)) busiest = { viewer, given };
        }
        return busiest?.given ?? 0;
      },
      { message: 'somebody relays' },
    )
    .toBeGreaterThan(200_000);
  if (busiest === undefined) throw new Error('nobody relays');
  const { viewer: victim } = busiest;
  await viewers.kill(victim);

  const others = all.filter((viewer) => viewer !== victim);
  await playOn(others, 15);
  await expectNoStall(others);
  await expect
    .poll(async () => (await server.metrics()).sum('freshet_viewers', { stream: 'live' }), {
      message: 'the tracker let the dead viewer go',
    })
    .toBe(others.length);
  for (const { name, page } of others)
    await expect
      .poll(async () => (await statistics(page))?.neighbours, { message: `neighbours of viewer ${name}` })
      .toBe(others.length - 1);
});
