import { LadderOrigin } from '../harness/ladder/ladder-origin.ts';
import { makeLadder } from '../harness/ladder/ladder-clip.ts';
import { oneTrack } from '../harness/ladder/programme.ts';
import { expectNoStall, playing } from '../harness/viewers/play.ts';
import { eachLoads, expectShared } from '../harness/sharing.ts';
import { expect, test } from '../harness/test.ts';

let origin: LadderOrigin | undefined;
test.afterEach(async () => {
  await origin?.close();
});

/** Limit of the origin's share in the bytes of two viewers. Without sharing it is 1. */
const SHARE = 0.85;

test('radio: an audio-only stream plays, viewers feed each other, and the player shows the stream’s name', async ({
  startServer,
  startProxy,
  viewers,
}) => {
  const track = (await makeLadder(60, 'ts')).get('en');
  if (track === undefined) throw new Error('no sound in the ladder');
  origin = await LadderOrigin.start(oneTrack('en', track, 'BANDWIDTH=90000,CODECS="mp4a.40.2"'));
  const server = await startServer({ sources: { radio: origin.url } });
  await server.live('radio');
  const proxy = await startProxy(server.url);
  const url = `${proxy.url}watch/radio`;
  const two = [await viewers.open('a', url), await viewers.open('b', url)];
  await playing(two);
  for (const { page } of two) {
    const face = page.locator('freshet-player .sound');
    await expect(face).toBeVisible();
    await expect(face).toContainText('radio');
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const box = await face.boundingBox();
      expect.soft(box?.width, 'fills the player').toBeGreaterThan(width * 0.6);
      const name = await face.locator('.name').boundingBox();
      const bottom = (box?.y ?? 0) + (box?.height ?? 0);
      expect.soft((name?.y ?? 0) + (name?.height ?? 0), 'above the controls').toBeLessThan(bottom - 40);
    }
  }
  await eachLoads(two, 'main', 0, 11);
  await expectShared(proxy, two, 'main', 0, SHARE);
  await expectNoStall(two);
});
