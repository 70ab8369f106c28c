import { setTimeout as pause } from 'node:timers/promises';
import { MediaServer } from '../harness/sources/media-server.ts';
import { buffered, expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import { read, readAll, starvations, totalMs } from '../harness/probe/probe.ts';
import { readRelay } from '../harness/servers/relay-playlist.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import { linked } from '../harness/sharing.ts';
import { expect, test } from '../harness/test.ts';
import type { Viewer } from '../harness/viewers/viewers.ts';

test('viewers play on from buffer and peers while the server is killed and restarted', async ({
  mediaServer,
  startServer,
  viewers,
}) => {
  const server = await startServer({ sources: { live: mediaServer.url } });
  await server.live('live');
  const all: Viewer[] = [];
  for (const name of ['a', 'b', 'c']) {
    const viewer = await viewers.open(name, server.watchUrl('live'));
    await playing([viewer]);
    all.push(viewer);
  }
  await playOn(all, 8);
  await expectNoStall(all);

  // Just before a segment arrives, the viewers of a stream that has just begun may have less than 3 s.
  await buffered(all, 4);
  await server.kill();
  await playOn(all, 3, 3000);
  await expectNoStall(all);
  for (const { name, page } of all)
    expect.soft((await statistics(page))?.neighbours, `viewer ${name} kept its links`).toBe(all.length - 1);

  await server.restart();
  await playOn(all, 15, 25_000);
  for (const reading of await readAll(all.map(({ page }) => page)))
    expect
      .soft(totalMs(starvations(reading)), 'milliseconds stalled while the server came back')
      .toBeLessThan(4000);
  await linked(all);
  const given = async (): Promise<number> => {
    const figures = await Promise.all(all.map(({ page }) => statistics(page)));
    return figures.reduce((sum, figure) => sum + (figure?.uploadedBytes ?? 0), 0);
  };
  const before = await given();
  await expect.poll(given, { message: 'viewers feed one another again' }).toBeGreaterThan(before + 100_000);
});

test('playback resumes by itself when the media server is down for 10 s and starts from nothing', async ({
  startServer,
  viewers,
}) => {
  const mediaServer = await MediaServer.start();
  try {
    const server = await startServer({ sources: { live: mediaServer.url } });
    await server.live('live');
    const url = server.playlistUrl('live');
    const all = [
      await viewers.open('a', server.watchUrl('live')),
      await viewers.open('b', server.watchUrl('live')),
    ];
    await playing(all);
    await playOn(all, 6);
    const before = await readRelay(url);

    await mediaServer.stop();
    await pause(5000);
    const meanwhile = await readRelay(url);
    expect.soft(meanwhile.segments.length, 'the buffer is served while the source is out').toBeGreaterThan(2);
    await pause(5000);
    await mediaServer.restart();

    await playOn(all, 12, 40_000);
    const after = await readRelay(url);
    expect.soft(after.firstMsn, 'the media sequence goes on').toBeGreaterThan(before.firstMsn);
    for (const { name, page } of all)
      expect
        .soft((await read(page)).aheadSeconds, `viewer ${name} is ahead of its playhead`)
        .toBeGreaterThan(0.5);
  } finally {
    await mediaServer.close();
  }
});
