import type { HlsConfig } from 'hls.js';
import { addEnginePage, type EnginePages } from '../harness/pages/engine-page.ts';
import { playInFfmpeg } from '../harness/viewers/ffmpeg-player.ts';
import { encryptTrack, encryptTrackSamples } from '../harness/ladder/encrypt.ts';
import { KeyServer } from '../harness/ladder/key-server.ts';
import { LadderOrigin } from '../harness/ladder/ladder-origin.ts';
import { makeLadder } from '../harness/ladder/ladder-clip.ts';
import { joinTracks, type Track } from '../harness/ladder/media-track.ts';
import { oneTrack, trackWithSound } from '../harness/ladder/programme.ts';
import { PageServer } from '../harness/servers/page-server.ts';
import { expectNoStall, playing } from '../harness/viewers/play.ts';
import { read } from '../harness/probe/probe.ts';
import { eachLoads, expectShared, loaded } from '../harness/sharing.ts';
import { expect, test } from '../harness/test.ts';

let pages: PageServer;
let engine: EnginePages;
let origin: LadderOrigin | undefined;
let keys: KeyServer;
test.beforeAll(async () => {
  pages = await PageServer.start();
  engine = await addEnginePage(pages);
});
test.beforeEach(async () => {
  keys = await KeyServer.start();
});
test.afterEach(async () => {
  await origin?.close();
  await keys.close();
});
test.afterAll(async () => {
  await engine.remove();
  await pages.close();
});

/** Limit of the origin's share in the bytes of two viewers. Without sharing it is 1. */
const SHARE = 0.85;
const ATTRIBUTES = 'BANDWIDTH=600000,CODECS="avc1.42c01e"';

const ENCRYPTED = [
  { method: 'AES-128', packing: 'ts', encrypt: encryptTrack },
  { method: 'AES-128', packing: 'fmp4', encrypt: encryptTrack },
  { method: 'SAMPLE-AES', packing: 'ts', encrypt: encryptTrackSamples },
] as const;

for (const { method, packing, encrypt } of ENCRYPTED)
  test(`${method} with rotating keys, ${packing}: ciphertext is shared, every viewer asks the key server itself`, async ({
    startServer,
    startProxy,
    viewers,
  }) => {
    const every = 3;
    const ladder = await makeLadder(60, packing);
    const clear = trackOf('mid', ladder);
    const encrypted = encrypt(clear, keys.keyUrl, every);
    const sound = encrypt(trackOf('en', ladder), keys.keyUrl, every);
    origin = await LadderOrigin.start(trackWithSound('mid', encrypted, sound, ATTRIBUTES));
    const server = await startServer({ sources: { live: origin.url } });
    await server.live('live');
    const proxy = await startProxy(server.url);
    const url = (token: string): string => `${engine.url(`${proxy.url}live/live/index.m3u8`)}&token=${token}`;
    const two = [
      await viewers.open('a', url('token-a'), { prepare: showToken }),
      await viewers.open('b', url('token-b'), { prepare: showToken }),
    ];
    await playing(two);
    await eachLoads(two, 'main', 0, 3 * every + 2);

    for (const kind of ['main', 'audio']) await expectShared(proxy, two, kind, 0, SHARE);
    const segments = await loaded(two, 'main', 0);
    for (const [i, token] of ['token-a', 'token-b'].entries()) {
      const needed = new Set(segments[i]?.map(({ msn }) => Math.floor(msn / every)));
      expect(needed.size, 'the key changed during play').toBeGreaterThan(2);
      const given = keys.given.get(token) ?? new Set();
      expect.soft([...given], `keys that ${token} asked for`).toEqual(expect.arrayContaining([...needed]));
    }
    expect.soft([...keys.given.keys()].sort(), 'who asked for keys').toEqual(['token-a', 'token-b']);
    expect.soft(keys.refused, 'requests without a token').toBe(0);
    for (const [name, file] of encrypted.files)
      expect.soft(file.equals(clear.files.get(name) ?? file), `${name} is ciphertext`).toBe(false);
    const last = segments[0]?.at(-1);
    const relayed = await fetch(last?.url ?? '');
    const published = encrypted.files.get(encrypted.entries[last?.msn ?? -1]?.uri ?? '');
    expect.soft(Buffer.from(await relayed.arrayBuffer()).equals(published ?? Buffer.alloc(0))).toBe(true);
    await expectNoStall(two);

    const headers = { authorization: 'Bearer token-plain' };
    const plain = await playInFfmpeg(`${server.url}live/live/index.m3u8`, {
      headers,
      seconds: 2 * every * 2,
    });
    // ffmpeg 5.1 decrypts the last samples of a key with the next one, and complains.
    if (method === 'AES-128') expect.soft(plain.complaints, 'of ffmpeg as a plain client').toBe('');
    expect.soft(plain.frames, 'pictures that ffmpeg decrypted and decoded').toBeGreaterThan(25 * 2 * every);
    expect.soft(keys.given.get('token-plain')?.size, 'keys that it asked for').toBeGreaterThan(1);
  });

test('viewers finish a stream of byte ranges of one file, then another EXT-X-MAP after a discontinuity, then the end', async ({
  startServer,
  startProxy,
  viewers,
}) => {
  const first = trackOf('mid', await makeLadder(20, 'single-file'));
  const second = trackOf('low', await makeLadder(16, 'fmp4', 'testsrc'));
  const track = joinTracks(first, second);
  origin = await LadderOrigin.start(oneTrack('both', track, ATTRIBUTES));
  const server = await startServer({ sources: { live: origin.url } });
  await server.live('live');
  const proxy = await startProxy(server.url);
  const url = engine.url(`${proxy.url}live/live/index.m3u8`);
  const two = [await viewers.open('a', url), await viewers.open('b', url)];
  await playing(two);
  const widths = () =>
    Promise.all(two.map(({ page }) => page.evaluate(() => document.querySelector('video')?.videoWidth)));
  expect(await widths()).toEqual([256, 256]);
  for (const { name, page } of two)
    await expect
      .poll(async () => (await read(page)).ended, { message: `viewer ${name} finishes`, timeout: 60_000 })
      .toBe(true);

  expect(await widths()).toEqual([160, 160]);
  for (const segments of await loaded(two, 'main', 0)) {
    expect.soft(segments.some(({ msn }) => msn < first.entries.length)).toBe(true);
    expect.soft(segments.at(-1)?.msn, 'the last segment').toBe(track.entries.length - 1);
  }
  await expectShared(proxy, two, 'main', 0, SHARE);
  await expectNoStall(two);
});

test('ffmpeg as a plain client plays byte ranges of one file and the segments after another EXT-X-MAP', async ({
  startServer,
}) => {
  const first = trackOf('low', await makeLadder(20, 'single-file'));
  // ffmpeg keeps the first init segment that it reads, here and from the source, so all pictures must have one size.
  const second = trackOf('low', await makeLadder(16, 'fmp4', 'testsrc'));
  const both = joinTracks(first, second);
  expect(new Set(both.entries.map(({ map }) => map)).size, 'init segments').toBe(2);
  origin = await LadderOrigin.start(oneTrack('both', both, ATTRIBUTES), { recorded: true });
  const server = await startServer({ sources: { live: origin.url } });
  await server.live('live');
  const plain = await playInFfmpeg(server.playlistUrl('live'));
  expect.soft(plain.complaints).toBe('');
  // ffmpeg loses one segment after the discontinuity, where times start over.
  expect.soft(plain.frames, 'pictures').toBe((await playInFfmpeg(origin.url)).frames);
  expect.soft(plain.frames, 'pictures').toBeGreaterThanOrEqual(34 * 25);
});

/** Runs in the page: does what a viewer's site does to get its keys. */
function showToken(): void {
  const hlsOptions: Partial<HlsConfig> = {
    xhrSetup: (xhr, url) => {
      if (!url.includes('/key/')) return;
      xhr.open('GET', url, true);
      const token = new URLSearchParams(location.search).get('token') ?? '';
      xhr.setRequestHeader('authorization', `Bearer ${token}`);
    },
  };
  Object.assign(globalThis, { hlsOptions });
}

function trackOf(name: string, ladder: ReadonlyMap<string, Track>): Track {
  const track = ladder.get(name);
  if (track === undefined) throw new Error(`no level ${name}`);
  return track;
}
