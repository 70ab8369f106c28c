import { expectNoStall, playing, playOn } from '../harness/play.ts';
import { statistics } from '../harness/statistics.ts';
import { expect, test } from '../harness/test.ts';

test('alone, without WebRTC, without WebSocket and crypto.subtle, or not giving: everybody plays without a stall', async ({
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
      // As behind a proxy that lets none through.
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
  await taker.page.getByRole('switch', { name: 'Give to other viewers' }).click();
  await expect.poll(async () => (await statistics(taker.page))?.uploads).toBe(false);
  const givenBefore = (await statistics(taker.page))?.givenBytes;
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
  expect.soft(taken?.givenBytes, 'nothing was given after the switch').toBe(givenBefore);
  expect.soft((await statistics(giver.page))?.peerBytes).toBeGreaterThan(0);
});
