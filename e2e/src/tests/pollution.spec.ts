import { createHash } from 'node:crypto';
import type { Page } from '@playwright/test';
import { SwarmPages } from '../harness/pages/build-page.ts';
import { expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { expect, test } from '../harness/test.ts';
import type { Delivery } from '../pages/recording-loader.ts';

let bundles: SwarmPages;
test.beforeAll(async () => {
  bundles = await SwarmPages.build();
});
test.afterAll(async () => {
  await bundles.remove();
});

test('one viewer sends corrupt pieces: no corrupt byte is played, and the sender loses its neighbours', async ({
  mediaServer,
  startServer,
  viewers,
  pages,
}) => {
  const server = await startServer({ sources: { live: mediaServer.url } });
  await server.live('live');
  const scripts = pages.addFolder('bundle', bundles.folder);
  const url = (bundle: string): string => {
    const page = pages.addPage(
      `${bundle}.html`,
      `<!doctype html><title>${bundle}</title><video muted autoplay playsinline></video><script src="${scripts}${bundle}.js"></script>`,
    );
    return `${page}?url=${encodeURIComponent(server.playlistUrl('live'))}`;
  };

  const polluter = await viewers.open('polluter', url('polluter'));
  await playing([polluter]);
  const honest = [
    await viewers.open('honest-1', url('honest')),
    await viewers.open('honest-2', url('honest')),
  ];
  await playing(honest);
  const truth = truthOf(honest[0]?.page ?? polluter.page);
  await playOn(honest, 16);

  await expectNoStall(honest);
  for (const { name, page } of honest) {
    const delivered = await deliveries(page);
    expect.soft(delivered.length, `segments that viewer ${name} was given`).toBeGreaterThan(8);
    for (const { url: segment, sha256 } of delivered)
      expect.soft(sha256, `viewer ${name}: ${segment}`).toBe(await truth(segment));
  }
  expect
    .soft((await statistics(polluter.page))?.uploadedBytes, 'the polluter sent something')
    .toBeGreaterThan(0);
  const warnings = await Promise.all(honest.map(({ page }) => warningsOf(page)));
  expect.soft(warnings.flat(), 'somebody noticed').toContain('bad-piece');
  await expect
    .poll(async () => (await statistics(polluter.page))?.neighbours, { message: "the polluter's neighbours" })
    .toBe(0);
  for (const { name, page } of honest)
    expect.soft((await statistics(page))?.neighbours, `viewer ${name} keeps its honest neighbour`).toBe(1);
});

/** SHA-256 of segments as the relay serves them, each fetched once. */
function truthOf(page: Page): (url: string) => Promise<string> {
  const known = new Map<string, string>();
  return async (url) => {
    const absolute = new URL(url, page.url()).href;
    const before = known.get(absolute);
    if (before !== undefined) return before;
    const response = await fetch(absolute);
    expect(response.status, absolute).toBe(200);
    const sha256 = createHash('sha256')
      .update(new Uint8Array(await response.arrayBuffer()))
      .digest('hex');
    known.set(absolute, sha256);
    return sha256;
  };
}

function deliveries(page: Page): Promise<Delivery[]> {
  return page.evaluate(() => (globalThis as unknown as { delivered: Delivery[] }).delivered);
}

function warningsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { warnings: string[] }).warnings);
}
