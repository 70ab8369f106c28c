import type { Freshet } from '@freshet/client';
import { signIn, TOKEN, watchProblems } from '../harness/pages/console-page.ts';
import { expectAccessible } from '../harness/viewers/expect-accessible.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { expect, test } from '../harness/test.ts';
import { until } from '../harness/programs/until.ts';
import type { Viewer } from '../harness/viewers/viewers.ts';

const VIEWERS = 6;

test('the console shows nothing without the token', async ({ startServer, page }) => {
  const server = await startServer({ args: ['--admin-token', TOKEN] });
  expect((await fetch(`${server.url}control/overview`)).status).toBe(401);
  await signIn(page, server.url, 'another-token');
  await expect(page.getByRole('alert')).toHaveText('Invalid token.');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Streams' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a broadcaster adds a stream, sees it shared, switches sharing off for all, and compares the held-out viewers', async ({
  mediaServer,
  startServer,
  viewers,
  browser,
}, info) => {
  test.setTimeout(240_000);
  const server = await startServer({ args: ['--admin-token', TOKEN] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const problems = watchProblems(page);
  try {
    await signIn(page, server.url);
    await page.getByText('Add a stream').click();
    await page.getByLabel('Name').fill('mine');
    await page.getByLabel('Source').fill('ftp://nowhere/');
    await page.getByRole('button', { name: 'Add stream' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'address' })).toBeVisible();
    await page.getByLabel('Source').fill(mediaServer.url);
    await page.getByRole('button', { name: 'Add stream' }).click();
    await expect(page.getByRole('heading', { name: 'mine', level: 1 })).toBeVisible();
    await expect(page.locator('.heading .badge')).toHaveText('Live', { timeout: 30_000 });
    await server.live('mine');

    const all: Viewer[] = [];
    for (let i = 0; i < VIEWERS; i++)
      all.push(await viewers.open(`viewer ${i + 1}`, server.watchUrl('mine')));
    await until(
      async () => {
        const seen = await Promise.all(
          all.map(async (viewer) => (await statistics(viewer.page))?.peerBytes ?? 0),
        );
        return seen.every((bytes) => bytes > 0);
      },
      { what: 'six viewers that feed one another', timeoutMs: 60_000 },
    );
    await expect(page.locator('.tile', { hasText: 'Viewers' }).first()).toContainText(String(VIEWERS));
    await expect(page.locator('.swarm .quiet').last()).toContainText(`${VIEWERS} viewers`);
    await expectAccessible(page);
    await page.screenshot({ path: info.outputPath('console-stream.png'), fullPage: true });

    // The server's counts confirm the viewers' reports.
    const headers = { authorization: `Bearer ${TOKEN}` };
    const price = JSON.stringify({ costPerGb: 1000, currency: 'EUR' });
    await fetch(`${server.url}control/money`, { method: 'PUT', headers, body: price });
    const report = await fetch(`${server.url}control/streams/mine`, { headers });
    const { saved, peerBytes } = (await report.json()) as { saved: number; peerBytes: number };
    expect(peerBytes).toBeGreaterThan(0);
    expect(saved).toBeCloseTo(peerBytes / 1e6);

    const plain = Promise.all(
      all.map(({ page: watching }) =>
        watching.waitForFunction(
          () =>
            (document.querySelector('freshet-player') as { freshet?: Freshet } | null)?.freshet?.state ===
            'plain',
          undefined,
          { timeout: 10_000, polling: 50 },
        ),
      ),
    );
    await page.getByRole('combobox', { name: 'Sharing' }).selectOption('off');
    const pressed = performance.now();
    await page.getByRole('button', { name: 'Apply' }).click();
    await plain;
    expect(performance.now() - pressed, 'ms until all six were switched off').toBeLessThan(2000);

    // Half of the viewers, at random; later viewers are assigned as well.
    await page.getByRole('combobox', { name: 'Sharing' }).selectOption('on');
    await page.getByLabel('Hold-out').fill('50');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page.getByText('Applied.')).toBeVisible();
    const groups = async () => {
      const answer = await fetch(`${server.url}control/streams/mine`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      return (
        (await answer.json()) as { groups: Record<string, { viewers: number; medianStartupMs?: number }> }
      ).groups;
    };
    let opened = VIEWERS;
    await until(
      async () => {
        const { sharing, 'held-out': held } = await groups();
        if (held !== undefined && sharing !== undefined && held.viewers > 0 && sharing.viewers > 0)
          return true;
        // All are in one group: add another viewer.
        if (opened < VIEWERS + 10) await viewers.open(`viewer ${++opened}`, server.watchUrl('mine'));
        return false;
      },
      { what: 'viewers in both groups', timeoutMs: 60_000 },
    );
    await expect
      .poll(async () => (await groups())['held-out']?.medianStartupMs ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(0);
    await expect(page.getByRole('columnheader', { name: 'Held out' })).toBeVisible();
    await expect(
      page.getByRole('row', { name: /Startup, median \d+ ms|Startup, median [\d.]+ s/ }),
    ).toBeVisible();

    await page.locator('summary', { hasText: 'Source' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect(page.locator('.heading .badge')).toHaveText('Stopped');
    expect((await fetch(server.playlistUrl('mine'))).status).toBe(404);
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Confirm removal' }).click();
    await expect(page.getByRole('heading', { name: 'Streams' })).toBeVisible();
    expect(problems).toEqual([]);
  } finally {
    await context.close();
  }
});

test('if the broadcaster chooses so, viewers on cellular networks play from the server alone', async ({
  startServer,
  viewers,
}) => {
  const server = await startServer({ args: ['--admin-token', TOKEN] });
  await server.live('demo');
  const sharing = JSON.stringify({ cellular: 'off' });
  const headers = { authorization: `Bearer ${TOKEN}` };
  await fetch(`${server.url}control/streams/demo/sharing`, { method: 'PUT', headers, body: sharing });
  const onCellular = () => {
    const network = Object.assign(new EventTarget(), { type: 'cellular' });
    Object.defineProperty(navigator, 'connection', { value: network });
  };
  const mobile = await viewers.open('mobile', server.watchUrl('demo'), { prepare: onCellular });
  const wired = await viewers.open('wired', server.watchUrl('demo'));
  const state = async ({ page }: Viewer) => (await statistics(page))?.stateCode;
  await expect.poll(() => state(wired)).toBe('joined');
  await expect.poll(() => state(mobile)).toBe('policy');
  // The viewer changes to Wi-Fi.
  await mobile.page.evaluate(() => {
    Object.assign((navigator as unknown as { connection: object }).connection, { type: 'wifi' });
  });
  await expect.poll(() => state(mobile)).toBe('joined');
});

for (const width of [320, 1280])
  test(`the console fits ${width} px, and a stream added there outlives a restart`, async ({
    startServer,
    mediaServer,
    browser,
  }, info) => {
    const server = await startServer({
      args: ['--admin-token', TOKEN, '--data-dir', info.outputPath('data')],
    });
    const context = await browser.newContext({ viewport: { width, height: 800 } });
    const page = await context.newPage();
    try {
      await signIn(page, server.url);
      await page.getByText('Add a stream').click();
      await page.getByLabel('Name').fill('kept');
      await page.getByLabel('Source').fill(mediaServer.url);
      await page.getByRole('button', { name: 'Add stream' }).click();
      await expect(page.locator('.heading .badge')).toHaveText('Live', { timeout: 30_000 });
      await server.restart();
      await server.live('kept');
      await signIn(page, server.url);
      await page.getByRole('link', { name: 'kept' }).click();
      await expect(page.locator('.heading .badge')).toHaveText('Live', { timeout: 30_000 });
      for (const details of await page.locator('details').all())
        await details.evaluate((element: HTMLDetailsElement) => {
          element.open = true;
        });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBe(width);
      await expectAccessible(page);
      await page.screenshot({ path: info.outputPath(`console-${width}.png`), fullPage: true });
    } finally {
      await context.close();
    }
  });
