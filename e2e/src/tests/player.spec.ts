import { expectAccessible } from '../harness/viewers/expect-accessible.ts';
import { LadderOrigin } from '../harness/ladder/ladder-origin.ts';
import { makeProgramme } from '../harness/ladder/programme.ts';
import { playing, playOn } from '../harness/viewers/play.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { expect, test } from '../harness/test.ts';
import type { Viewer } from '../harness/viewers/viewers.ts';

test('quality, sound and subtitles are chosen by keyboard in the settings', async ({
  startServer,
  viewers,
}, info) => {
  const origin = await LadderOrigin.start(await makeProgramme(120, 'ts'));
  try {
    const server = await startServer({ sources: { live: origin.url } });
    await server.live('live');
    const viewer = await viewers.open('viewer', server.watchUrl('live'));
    const { page } = viewer;
    await playing([viewer]);
    const button = page.getByRole('button', { name: 'Settings' });
    await button.focus();
    await page.keyboard.press('Enter');
    const menu = page.getByRole('dialog', { name: 'Settings' });
    await expect(menu.getByRole('group', { name: 'Quality' }).getByRole('radio')).toHaveCount(4);
    await expect(menu.getByRole('radio', { name: /^Automatic/ })).toBeFocused();
    await expectAccessible(page);
    await page.screenshot({ path: info.outputPath('settings.png') });

    // The last of the qualities is the smallest.
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    const hls = (what: 'loadLevel' | 'audioTrack' | 'subtitleTrack') =>
      page.evaluate((what) => {
        const player = document.querySelector('freshet-player') as { hls?: Record<string, unknown> } | null;
        return player?.hls?.[what];
      }, what);
    await expect.poll(() => hls('loadLevel')).toBe(0);
    await menu.getByRole('group', { name: 'Audio' }).getByRole('radio').nth(1).check();
    await expect.poll(() => hls('audioTrack')).toBe(1);
    await menu.getByRole('group', { name: 'Subtitles' }).getByRole('radio').nth(1).check();
    await expect.poll(() => hls('subtitleTrack')).toBe(0);
    await menu.getByRole('group', { name: 'Subtitles' }).getByRole('radio', { name: 'Off' }).check();
    await expect.poll(() => hls('subtitleTrack')).toBe(-1);
    await page.keyboard.press('Escape');
    await expect(menu).toBeHidden();
    await expect(button).toBeFocused();
  } finally {
    await origin.close();
  }
});

test('with consent asked, nothing is uploaded before the viewer agrees, and the answer is remembered', async ({
  mediaServer,
  startServer,
  viewers,
}, info) => {
  const server = await startServer({ sources: { live: mediaServer.url }, args: ['--consent', 'ask'] });
  await server.live('live');
  const url = server.watchUrl('live');
  // Counts the bytes of pieces that leave the page, independently of the client's reports. Control frames are shorter.
  const prepare = () => {
    const sent = { pieceBytes: 0 };
    Object.assign(globalThis, { sent });
    const send = Reflect.get(RTCDataChannel.prototype, 'send') as (bytes: Uint8Array) => void;
    RTCDataChannel.prototype.send = function (this: RTCDataChannel, bytes: unknown) {
      if (bytes instanceof Uint8Array && bytes.length > 1000) sent.pieceBytes += bytes.length;
      Reflect.apply(send, this, [bytes]);
    };
  };
  const leftPage = ({ page }: Viewer) =>
    page.evaluate(() => (globalThis as { sent?: { pieceBytes: number } }).sent?.pieceBytes);
  const [asked, other] = [
    await viewers.open('asked', url, { prepare }),
    await viewers.open('other', url, { prepare }),
  ];
  await playing([asked, other]);
  const { page } = asked;
  const question = page.getByRole('region', { name: 'Share this stream?' });
  await expect(question).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: info.outputPath('asked.png') });
  await playOn([asked, other], 8);
  for (const viewer of [asked, other]) {
    expect(await statistics(viewer.page)).toMatchObject({ uploads: false, uploadedBytes: 0 });
    expect(await leftPage(viewer)).toBe(0);
  }

  await question.getByRole('button', { name: 'Share' }).click();
  await expect(question).toBeHidden();
  await expect.poll(async () => (await statistics(other.page))?.peerBytes ?? 0).toBeGreaterThan(0);
  expect((await statistics(page))?.uploadedBytes).toBeGreaterThan(0);
  expect(await leftPage(asked)).toBeGreaterThan(0);
  expect(await leftPage(other)).toBe(0);
  expect(await statistics(other.page)).toMatchObject({ uploads: false, uploadedBytes: 0 });

  await page.reload();
  await playing([asked]);
  await expect.poll(async () => (await statistics(page))?.uploads).toBe(true);
  await expect(question).toBeHidden();
  await other.page.getByRole('button', { name: 'Not now' }).click();
  await other.page.reload();
  await playing([other]);
  await expect(other.page.getByRole('region', { name: 'Share this stream?' })).toBeHidden();
  expect(await statistics(other.page)).toMatchObject({ uploads: false });
});

test('a short window has no time bar; a player with sharing off by default uploads once it is switched on', async ({
  mediaServer,
  startServer,
  viewers,
}, info) => {
  const server = await startServer({ sources: { live: mediaServer.url }, args: ['--consent', 'off'] });
  await server.live('live');
  const viewer = await viewers.open('viewer', server.watchUrl('live'));
  const { page } = viewer;
  await page.setViewportSize({ width: 320, height: 600 });
  await playing([viewer]);
  // A window of normal length is only the player's reserve.
  await expect(page.locator('freshet-player media-time-range')).toBeHidden();
  await page.locator('freshet-player .chip').click();
  const giving = page.getByRole('switch', { name: 'Share with other viewers' });
  await expect(giving).not.toBeChecked();
  await giving.click();
  await expect.poll(async () => (await statistics(page))?.uploads).toBe(true);
  await expectAccessible(page);
  await page.screenshot({ path: info.outputPath('small.png') });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
});

test('play, sound and links work by keyboard; the player shows a lost server and plays on when it is back', async ({
  startServer,
  viewers,
}, info) => {
  const server = await startServer();
  await server.live('demo');
  const list = await viewers.open('list', server.url);
  await expect(list.page.getByRole('link', { name: 'Watch demo' })).toBeVisible();
  await expectAccessible(list.page);
  await list.page.getByRole('link', { name: 'Watch demo' }).press('Enter');
  const { page } = list;
  await playing([list]);
  const video = page.locator('freshet-player video');
  const is = (what: 'paused' | 'muted') =>
    video.evaluate((element, name) => Reflect.get(element, name) as boolean, what);
  for (const name of ['pause', 'unmute', 'enter picture in picture mode', 'enter fullscreen mode'])
    await expect(page.getByRole('button', { name, exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'pause', exact: true }).press('Enter');
  await expect.poll(() => is('paused')).toBe(true);
  await page.getByRole('button', { name: 'play', exact: true }).press('Enter');
  await expect.poll(() => is('paused')).toBe(false);
  await page.keyboard.press('m');
  await expect.poll(() => is('muted')).toBe(false);
  await expectAccessible(page);

  await server.stop();
  await expect(page.getByRole('status').filter({ hasText: 'Reconnecting…' })).toBeVisible({
    timeout: 60_000,
  });
  await page.screenshot({ path: info.outputPath('reconnecting.png') });
  await expectAccessible(page);
  await server.restart();
  await playOn([list], 3, 40_000);
  await expect(page.getByRole('status').filter({ hasText: 'Reconnecting…' })).toBeHidden();
});

test('a missing stream is reported in plain words, with a way to try again, at 320 px and at 4K', async ({
  startServer,
  pages,
  viewers,
}, info) => {
  const server = await startServer();
  const html = `<!doctype html><html lang="en"><title>Mine</title><body><h1>Mine</h1>
<script src="${server.otherOrigin}embed.js" data-stream="nothing"></script>`;
  const { page } = await viewers.open('viewer', pages.addPage('missing.html', html));
  await expect(page.getByRole('alert')).toContainText('Stream “nothing” not found');
  const retry = page.getByRole('button', { name: 'Try again' });
  for (const [width, height] of [
    [320, 568],
    [3840, 2160],
  ] as const) {
    await page.setViewportSize({ width, height });
    await expect(retry).toBeInViewport({ ratio: 1 });
    await page.screenshot({ path: info.outputPath(`trouble-${width}.png`) });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  }
  await expectAccessible(page);
  // The server may answer before the next picture is drawn, so the player's phases show that it tried.
  await page.evaluate(() => {
    const phases: string[] = [];
    Object.assign(globalThis, { phases });
    document
      .querySelector('freshet-player')
      ?.addEventListener('phase', ({ detail }: CustomEventInit<string>) => phases.push(detail ?? ''));
  });
  await retry.press('Enter');
  await expect
    .poll(() => page.evaluate(() => (globalThis as { phases?: string[] }).phases))
    .toEqual(['loading', 'trouble']);
  await expect(page.getByRole('alert')).toContainText('Stream “nothing” not found');
});
