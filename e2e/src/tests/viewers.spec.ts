import { expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { expect, test } from '../harness/test.ts';

test('viewers play without a stall alone, without WebRTC, without WebSocket and crypto.subtle, or without uploads', async ({
  mediaServer,
  startServer,
  viewers,
}) => {
  const server = await startServer({ sources: { live: mediaServer.url } });
  await server.live('live');
  const url = server.watchUrl('live');

  const alone = await viewers.open('alone', url);
  await playing([alone]);
  await playOn([alone], 8);
  await expectNoStall([alone]);

  const without = await viewers.open('without WebRTC', url, {
    prepare: () => {
      for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'RTCDataChannel'])
        Reflect.deleteProperty(globalThis, name);
    },
  });
  const hindered = await viewers.open('by polling, without crypto.subtle', url, {
    prepare: () => {
      // As behind a proxy that blocks WebSockets.
      globalThis.WebSocket = class extends WebSocket {
        constructor() {
          super('ws://127.0.0.1:9/');
        }
      };
      Reflect.deleteProperty(Crypto.prototype, 'subtle');
    },
  });
  const taker = await viewers.open('taker', url);
  await taker.page.locator('freshet-player .chip').click();
  await taker.page.getByRole('switch', { name: 'Share with other viewers' }).click();
  await expect.poll(async () => (await statistics(taker.page))?.uploads).toBe(false);
  const givenBefore = (await statistics(taker.page))?.uploadedBytes;
  const giver = await viewers.open('giver', url);
  const all = [alone, without, hindered, taker, giver];
  await playing(all);
  await playOn(all, 20);

  await expectNoStall(all);
  expect
    .soft(await statistics(without.page))
    .toMatchObject({ state: 'plain', stateCode: 'no-webrtc', peerBytes: 0 });
  const hinderedTakes = await statistics(hindered.page);
  expect.soft(hinderedTakes, 'its pieces are verified all the same').toMatchObject({ state: 'swarming' });
  expect.soft(hinderedTakes?.peerBytes).toBeGreaterThan(0);
  const taken = await statistics(taker.page);
  expect.soft(taken, 'who does not give still takes').toMatchObject({ state: 'swarming', uploads: false });
  expect.soft(taken?.peerBytes).toBeGreaterThan(0);
  expect.soft(taken?.uploadedBytes, 'nothing was given after the switch').toBe(givenBefore);
  expect.soft((await statistics(giver.page))?.peerBytes).toBeGreaterThan(0);
});

test('a hidden tab, whose timers fire once a second, uploads what it promised and sets few timers', async ({
  mediaServer,
  startServer,
  viewers,
}) => {
  const server = await startServer({ sources: { live: mediaServer.url } });
  await server.live('live');
  const url = server.watchUrl('live');
  const hidden = await viewers.open('hidden', url, {
    // As Chromium treats a background tab. A tab that is really hidden would stop its muted video and measure nothing.
    prepare: () => {
      Object.defineProperty(document, 'hidden', { value: true });
      const count = { timers: 0 };
      Object.assign(globalThis, { count });
      const set = globalThis.setTimeout;
      globalThis.setTimeout = ((task: () => void, ms = 0, ...rest: unknown[]) => {
        count.timers++;
        const due = performance.now() + ms;
        return set(task, Math.ceil(due / 1000) * 1000 - performance.now(), ...rest);
      }) as typeof setTimeout;
    },
  });
  await playing([hidden]);
  const other = await viewers.open('other', url);
  await playing([other]);
  const timers = () =>
    hidden.page.evaluate(() => (globalThis as { count?: { timers: number } }).count?.timers ?? 0);
  const before = await timers();
  await playOn([hidden, other], 15);

  await expectNoStall([hidden, other]);
  const perSecond = ((await timers()) - before) / 15;
  expect.soft(perSecond, 'timers set a second').toBeLessThan(25);
  const [given, taken] = [await statistics(hidden.page), await statistics(other.page)];
  expect.soft(given?.uploadedBytes).toBeGreaterThan(100_000);
  expect.soft(taken?.offload, 'what the other is spared').toBeGreaterThan(0.3);
});
