import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SIGNALLING_PATH } from '@freshet/protocol';
import { TOKEN } from '../harness/pages/console-page.ts';
import { until } from '../harness/programs/until.ts';
import { NginxRtmp } from '../harness/sources/nginx-rtmp.ts';
import { publishRtmp } from '../harness/sources/encoder.ts';
import { nextPublication } from '../harness/sources/segment-clock.ts';
import { linked } from '../harness/sharing.ts';
import { expect, test } from '../harness/test.ts';
import { buffered, expectNoStall, playing, playOn } from '../harness/viewers/play.ts';
import { statistics } from '../harness/viewers/statistics.ts';
import type { Viewer, Viewers } from '../harness/viewers/viewers.ts';

/** Opens viewers one after another, and waits until they share. */
async function audience(
  viewers: Viewers,
  url: string,
  count: number,
  prepare?: () => void,
): Promise<Viewer[]> {
  const all: Viewer[] = [];
  for (let i = 0; i < count; i++) {
    const viewer = await viewers.open(String.fromCodePoint(97 + i), url, { ...(prepare && { prepare }) });
    await playing([viewer]);
    all.push(viewer);
  }
  await linked(all);
  return all;
}

async function peerBytes(all: readonly Viewer[]): Promise<number> {
  const figures = await Promise.all(all.map(({ page }) => statistics(page)));
  return figures.reduce((sum, figure) => sum + (figure?.peerBytes ?? 0), 0);
}

test('viewers share on, without a stall, while the path to the tracker is blocked for 30 s', async ({
  mediaServer,
  startServer,
  startProxy,
  viewers,
}) => {
  const server = await startServer({ sources: { live: mediaServer.url } });
  await server.live('live');
  const proxy = await startProxy(server.url);
  const all = await audience(viewers, `${proxy.url}watch/live`, 3);

  proxy.block(SIGNALLING_PATH);
  for (const { name, page } of all)
    await expect
      .poll(async () => statistics(page), { message: `viewer ${name} says that the tracker is lost` })
      .toMatchObject({ state: 'swarming', stateCode: 'tracker-lost' });
  const before = await peerBytes(all);
  await playOn(all, 28);
  expect(await peerBytes(all), 'bytes from neighbours meanwhile').toBeGreaterThan(before + 500_000);
  for (const { name, page } of all)
    expect.soft((await statistics(page))?.neighbours, `viewer ${name} kept its links`).toBe(all.length - 1);

  proxy.unblock();
  await linked(all);
  await expectNoStall(all);
});

test('viewers play and share on when a page’s clock jumps an hour ahead and two hours back', async ({
  mediaServer,
  startServer,
  viewers,
}) => {
  const server = await startServer({ sources: { live: mediaServer.url } });
  await server.live('live');
  const all = await audience(viewers, server.watchUrl('live'), 2, addClock);
  const [jumping] = all;
  if (jumping === undefined) throw new Error('no viewer');
  for (const hours of [1, -1]) {
    await jumping.page.evaluate((ms) => {
      Object.assign(globalThis, { clockOffsetMs: ms });
    }, hours * 3_600_000);
    const before = await peerBytes(all);
    await playOn(all, 10);
    expect(await peerBytes(all), 'bytes from neighbours after the jump').toBeGreaterThan(before);
  }
  await linked(all);
  await expectNoStall(all);
});

test('a killed ffmpeg is started again, and viewers with enough media ahead play on without a stall', async ({
  startServer,
  viewers,
}) => {
  const nginx = await NginxRtmp.start();
  const encoder = publishRtmp(nginx.rtmpUrl('programme'));
  try {
    const server = await startServer({
      sources: { live: nginx.rtmpUrl('programme') },
      args: ['--log-level', 'debug'],
    });
    await server.live('live');
    for (let segments = 1; segments < 3; segments++) await nextPublication(server.playlistUrl('live'));
    const all = await audience(viewers, server.watchUrl('live'), 2);
    await buffered(all, 4);

    process.kill(await server.ffmpegPid(), 'SIGKILL');
    await until(async () => (await server.metrics()).sum('freshet_ffmpeg_restarts_total') > 0, {
      what: 'ffmpeg to be started again',
      timeoutMs: 5000,
    });
    await playOn(all, 20);
    await expectNoStall(all);
  } finally {
    await encoder.stop('SIGKILL');
    await nginx.close();
  }
});

test('a full disk under --data-dir: viewers play on, the change applies, and its answer says that it is not saved', async ({
  mediaServer,
  startServer,
  viewers,
}) => {
  const disk = await SmallDisk.mount();
  try {
    const server = await startServer({
      sources: { live: mediaServer.url },
      args: [
        '--data-dir',
        disk.folder,
        '--admin-token',
        TOKEN,
        '--state-file',
        join(disk.folder, 'state.json'),
      ],
    });
    await server.live('live');
    const all = await audience(viewers, server.watchUrl('live'), 2);
    await disk.fill();
    const answer = await setPrice(server.url, 0.05);
    expect(answer.status).toBe(507);
    expect(await answer.json()).toMatchObject({
      error: expect.stringMatching(/applies now.*ENOSPC.*Free space/),
    });
    await playOn(all, 10);
    await linked(all);
    await expectNoStall(all);

    await disk.free();
    expect((await setPrice(server.url, 0.06)).status).toBe(200);
    expect(await readFile(join(disk.folder, 'console.json'), 'utf8')).toContain('0.06');
  } finally {
    await disk.unmount();
  }
});

function setPrice(url: string, costPerGb: number): Promise<Response> {
  return fetch(`${url}control/money`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ costPerGb, currency: 'EUR' }),
  });
}

/** A file system of 64 KiB, in memory. */
class SmallDisk {
  readonly folder: string;

  static async mount(): Promise<SmallDisk> {
    test.skip(process.getuid?.() !== 0, 'mounting a file system requires root');
    const folder = await mkdtemp(join(tmpdir(), 'freshet-disk-'));
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    if (status !== 0) await rm(folder, { recursive: true });
    test.skip(status !== 0, `no file system can be mounted here: ${stderr.toString()}`);
    return new SmallDisk(folder);
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Writes until nothing more fits. */
  async fill(): Promise<void> {
    const file = join(this.folder, 'filling');
    await expect(writeFile(file, Buffer.alloc(1 << 20))).rejects.toMatchObject({ code: 'ENOSPC' });
  }

  free(): Promise<void> {
    return rm(join(this.folder, 'filling'));
  }

  async unmount(): Promise<void> {
    spawnSync('umount', ['--lazy', this.folder]);
    await rm(this.folder, { recursive: true });
  }
}

/** Runs in the page: the wall clock is off by `clockOffsetMs`. The monotonic clock goes on as it does in a browser. */
function addClock(): void {
  const Real = Date;
  const offset = (): number => (globalThis as { clockOffsetMs?: number }).clockOffsetMs ?? 0;
  globalThis.Date = new Proxy(Real, {
    construct: (target, args: unknown[]) =>
      Reflect.construct(target, args.length === 0 ? [Real.now() + offset()] : args) as Date,
    get: (target, key) =>
      key === 'now' ? () => Real.now() + offset() : (Reflect.get(target, key) as unknown),
  });
}
