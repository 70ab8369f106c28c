import { NpmExample } from '../harness/npm-example.ts';
import { expectNoStall, playing, playOn } from '../harness/play.ts';
import { statistics } from '../harness/statistics.ts';
import { expect, test } from '../harness/test.ts';
import type { Viewer } from '../harness/viewers.ts';

test("the embed plays on a page of somebody else's site, through the swarm", async ({
  mediaServer,
  startServer,
  viewers,
  pages,
}) => {
  const server = await startServer({ sources: { live: mediaServer.url } });
  await server.live('live');
  const url = pages.addPage(
    'article.html',
    `<!doctype html><title>An article</title><h1>Tonight, live</h1>
<script src="${server.otherOrigin}embed.js" data-stream="live"></script>
<p>More text.</p>`,
  );
  expect(new URL(url).origin).not.toBe(new URL(server.otherOrigin).origin);

  const watcher = await viewers.open('watcher', server.watchUrl('live'));
  await playing([watcher]);
  const reader = await viewers.open('reader', url);
  await playing([reader]);
  await playOn([watcher, reader], 12);

  await expectNoStall([watcher, reader]);
  expect.soft(await statistics(reader.page)).toMatchObject({ state: 'swarming', neighbours: 1 });
  const given = await Promise.all([watcher, reader].map(({ page }) => statistics(page)));
  expect.soft(given.reduce((sum, figure) => sum + (figure?.peerBytes ?? 0), 0)).toBeGreaterThan(200_000);
});

test('the npm example, built by Vite and by webpack from the packed client, plays through the swarm', async ({
  mediaServer,
  startServer,
  viewers,
  pages,
}) => {
  const server = await startServer({ sources: { live: mediaServer.url } });
  await server.live('live');
  const example = await NpmExample.install();
  try {
    const all: Viewer[] = [];
    for (const [bundler, folder] of [
      ['vite', await example.vite()],
      ['webpack', await example.webpack()],
    ] as const) {
      const page = `${pages.addFolder(bundler, folder)}index.html`;
      const viewer = await viewers.open(
        bundler,
        `${page}?url=${encodeURIComponent(server.playlistUrl('live'))}`,
      );
      await playing([viewer]);
      all.push(viewer);
    }
    await playOn(all, 12);

    await expectNoStall(all);
    for (const { page } of all) await expect(page.locator('output')).toContainText(/^1 neighbours/);
    const shares = await Promise.all(all.map(({ page }) => page.locator('output').textContent()));
    expect(shares.some((text) => /, [1-9]\d* % from viewers/.test(text ?? ''))).toBe(true);
  } finally {
    await example.remove();
  }
});
