import { readFile } from 'node:fs/promises';
import type { Locator } from '@playwright/test';
import { NpmExample } from '../harness/pages/npm-example.ts';
import { expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { expect, test } from '../harness/test.ts';
import type { Viewer } from '../harness/viewers/viewers.ts';

test("the embed plays through the swarm on another site's page", async ({
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

test('script and iframe play with styles under the strict policy of docs/embedding.md, without a violation', async ({
  mediaServer,
  startServer,
  viewers,
  pages,
}, info) => {
  const server = await startServer({ sources: { live: mediaServer.url } });
  await server.live('live');
  const origin = server.otherOrigin.replace(/\/$/, '');
  const policy = (await documentedPolicy())
    .replaceAll('https://your-server.example', origin)
    .replaceAll('wss://your-server.example', origin.replace('http', 'ws'));
  expect(policy).toMatch(/^default-src 'none'; script-src http:[^']+$/);
  const page = (name: string, body: string) =>
    pages.addPage(name, `<!doctype html><title>An article</title><h1>Tonight</h1>\n${body}`, policy);
  const prepare = () => {
    const reports: string[] = [];
    Object.assign(globalThis, { reports });
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      reports.push(`${violatedDirective} ${blockedURI}`),
    );
  };
  const script = await viewers.open(
    'script',
    page('script.html', `<script src="${origin}/embed.js" data-stream="live"></script>`),
    { prepare },
  );
  await playing([script]);
  const frame = await viewers.open(
    'iframe',
    page('iframe.html', `<iframe src="${origin}/watch/live" allow="autoplay; fullscreen"></iframe>`),
    { prepare },
  );
  const framed = frame.page.frameLocator('iframe').locator('video');
  await expect
    .poll(() => framed.evaluate((video: HTMLVideoElement) => video.currentTime).catch(() => 0))
    .toBeGreaterThan(0);
  await playOn([script], 6);

  await expect.poll(async () => (await statistics(script.page))?.neighbours).toBe(1);
  const told = await script.page.evaluate(() => {
    const { freshet } = globalThis as { freshet?: { players: readonly { statistics?: unknown }[] } };
    return freshet?.players.map(({ statistics }) => statistics);
  });
  expect(told, 'window.freshet').toMatchObject([{ state: 'swarming', neighbours: 1 }]);
  await script.page.mouse.move(250, 200);
  const level = script.page.locator('freshet-player media-volume-range');
  await expect(level).toBeVisible();
  await expectSmall(script.page.locator('freshet-player media-play-button'));
  await script.page.screenshot({ path: info.outputPath('strict.png') });
  for (const { page } of [script, frame])
    expect(await page.evaluate(() => (globalThis as { reports?: string[] }).reports)).toEqual([]);
  await expectNoStall([script]);
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

/** The policy that docs/embedding.md recommends, on one line. */
async function documentedPolicy(): Promise<string> {
  const page = await readFile(new URL('../../../docs/embedding.md', import.meta.url), 'utf8');
  const policy = /^Content-Security-Policy:\n((?: {2}.+\n)+)/m.exec(page)?.[1];
  if (policy === undefined) throw new Error('docs/embedding.md shows no policy');
  return policy.trim().replaceAll(/\s+/g, ' ');
}

/** Without its styles, a control has the size of its picture. */
async function expectSmall(control: Locator): Promise<void> {
  const box = await control.boundingBox();
  expect(box?.height).toBeGreaterThan(20);
  expect(box?.height).toBeLessThan(60);
}
