import { signIn, TOKEN, watchProblems } from '../harness/pages/console-page.ts';
import { expectAccessible } from '../harness/viewers/expect-accessible.ts';
import { expect, test } from '../harness/test.ts';

test('a broadcaster plans an audience with its own numbers', async ({ startServer, browser }, info) => {
  const server = await startServer({ args: ['--admin-token', TOKEN] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const problems = watchProblems(page);
  try {
    await signIn(page, server.url);
    await page.getByRole('link', { name: 'Plan an audience' }).click();
    await page.getByLabel('Viewers', { exact: true }).fill('20000');
    await page.getByLabel('Bitrate').fill('1000');
    await page.getByLabel('Price per gigabyte').fill('0.05');
    await page.getByLabel('Simulated viewers').fill('1000');
    await page.getByRole('button', { name: 'Simulate' }).click();
    await expect
      .poll(() => page.getByRole('progressbar').getAttribute('value').then(Number))
      .toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByText('Cancelled.')).toBeVisible();

    await page.getByLabel('Simulated viewers').fill('60');
    await page.getByRole('button', { name: 'Simulate' }).click();
    await expect(page.getByText('Done.')).toBeVisible({ timeout: 30_000 });
    // 20,000 x 1 Mbit/s are 9,000 GB an hour.
    await expect(page.locator('.tile', { hasText: 'Cost per hour' })).toContainText('450\u00a0EUR without');
    await expect(page.getByText('an extrapolation, not a result')).toBeVisible();
    await expect(page.locator('.plot canvas')).toBeVisible();
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [320, 1280]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await page.screenshot({ path: info.outputPath(`plan-${width}-${colorScheme}.png`), fullPage: true });
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        await expectAccessible(page);
        await page.screenshot({ path: info.outputPath(`plan-${width}-${colorScheme}.png`), fullPage: true });
      }
    expect(problems).toEqual([]);
  } finally {
    await context.close();
  }
});
