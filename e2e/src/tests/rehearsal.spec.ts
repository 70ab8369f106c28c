import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromiumScript } from '../harness/viewers/chromium-script.ts';
import { signIn, TOKEN, watchProblems } from '../harness/pages/console-page.ts';
import { expectAccessible } from '../harness/viewers/expect-accessible.ts';
import { isRunning } from '../harness/programs/is-running.ts';
import { expect, test } from '../harness/test.ts';
import { until } from '../harness/programs/until.ts';

interface Report {
  readonly state: string;
  readonly problem?: string;
  readonly figures: Readonly<Record<string, number>>;
}

test('a rehearsal with headless viewers and a page that takes part ends in a report', async ({
  startServer,
  mediaServer,
  viewers,
  browser,
}, info) => {
  test.setTimeout(120_000);
  const chromium = await chromiumScript(info.outputPath('chromium.sh'));
  const server = await startServer({
    sources: { tv: mediaServer.url },
    // Rehearsal viewers upload without being asked for consent, and share regardless of the ramp.
    args: ['--admin-token', TOKEN, '--chromium', chromium, '--consent', 'ask', '--log-level', 'debug'],
  });
  await server.live('tv');
  const api = (path: string, options: RequestInit = {}) =>
    fetch(`${server.url}control/${path}`, { ...options, headers: { authorization: `Bearer ${TOKEN}` } });
  const report = async () => (await (await api('streams/tv/rehearsal')).json()) as Report;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const problems = watchProblems(page);
  try {
    await api('streams/tv/sharing', { method: 'PUT', body: JSON.stringify({ rampPercent: 0 }) });
    const { page: colleague } = await viewers.open('colleague', `${server.url}rehearse/tv`);
    await expect(colleague.getByRole('button', { name: 'Take part' })).toBeVisible();
    await colleague.screenshot({ path: info.outputPath('rehearse.png') });
    await colleague.getByRole('button', { name: 'Take part' }).click();
    await expect(colleague.getByRole('status').first()).toContainText('Waiting');

    await signIn(page, server.url);
    await page.getByRole('link', { name: 'tv' }).click();
    await page.getByText('Rehearsal', { exact: true }).click();
    await expect(page.getByText('One page is waiting to take part.')).toBeVisible();
    await page.getByLabel('Headless viewers').fill('3');
    await page.getByLabel('Duration').fill('25');
    await page.getByRole('button', { name: 'Rehearse' }).click();
    await expect(page.getByText(/Running: \d+ of 25 s\./)).toBeVisible();
    await expect(colleague.locator('freshet-player')).toHaveCount(1);
    await expect(page.getByText('Done after 25 s.')).toBeVisible({ timeout: 60_000 });

    const { state, problem, figures } = await report();
    expect({ state, problem }).toEqual({ state: 'done', problem: undefined });
    expect(figures).toMatchObject({ viewers: 4, played: 4, others: 0 });
    expect(figures['offload'], 'offload').toBeGreaterThan(0.4);
    expect(figures['laterCopies'], 'copies in the second half').toBeLessThan(2);
    const startup = page.locator('.tile', { hasText: 'Startup, median' });
    await expect(startup.filter({ hasText: 'self-reported' })).toBeVisible();
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [320, 1280]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        await expectAccessible(page);
        await page.screenshot({
          path: info.outputPath(`rehearsal-${width}-${colorScheme}.png`),
          fullPage: true,
        });
      }
    // The page leaves the rehearsal, and no money counts as saved.
    await expect(colleague.locator('freshet-player')).toHaveCount(0);
    await api('money', { method: 'PUT', body: JSON.stringify({ costPerGb: 1, currency: 'EUR' }) });
    expect(await (await api('streams/tv')).json()).toMatchObject({ saved: 0 });

    const before = server.output.length;
    // Nothing is left of the first rehearsal once its Chromium has ended.
    await expect.poll(profiles).toEqual([]);
    // A killed server takes the headless viewers along.
    await api('streams/tv/rehearsal', { method: 'POST', body: JSON.stringify({ viewers: 1, seconds: 600 }) });
    await expect.poll(async () => (await report()).figures['played'], { timeout: 20_000 }).toBeGreaterThan(0);
    // The last pid of the line: each line of the log also has the server's own.
    const pid = Number(/"pid":(\d+),"msg":"Chromium started"/.exec(server.output.slice(before))?.[1]);
    expect(pid).not.toBe(server.pid);
    expect(isRunning(pid)).toBe(true);
    await server.kill();
    await until(() => !isRunning(pid), { what: 'Chromium to end', timeoutMs: 5000 });
    // A killed server cannot remove them.
    for (const profile of await profiles()) await rm(profile, { recursive: true, force: true });
    expect(problems).toEqual([]);
  } finally {
    await context.close();
  }
});

/** Existing profiles of headless viewers. */
async function profiles(): Promise<string[]> {
  const names = await readdir(tmpdir());
  return names
    .filter((name) => name.startsWith('freshet-rehearsal-'))
    .map((name) => path.join(tmpdir(), name));
}
