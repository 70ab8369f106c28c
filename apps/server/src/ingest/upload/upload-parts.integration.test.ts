import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FragmentReader } from '../../mp4/fragment-reader.ts';
import { pictureAs, H264 } from '../../testing/ffmpeg-source.ts';
import { UPLOAD_ENTRY, UploadStore } from './upload-store.ts';

const LIMITS = { headersMs: 50, idleMs: 50, wholeMs: 50, maxBytes: 1e7 };
const HEAD = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:2', '#EXT-X-MEDIA-SEQUENCE:7'];
const MAP = '#EXT-X-MAP:URI="init.mp4"';
/** The first bytes of a segment. */
const STYP = Buffer.from([0, 0, 0, 12, ...Buffer.from('stypmsdh')]);

interface Clip {
  init: Buffer;
  readonly segments: Buffer[][];
}

/** A clip of two 2 s segments, in fragments of the given duration. */
async function clip(fragmentUs: number): Promise<Clip> {
  const movie = ['-f', 'mp4', '-movflags', '+frag_keyframe+delay_moov+default_base_moof'];
  const cut = ['-frag_duration', String(fragmentUs), '-g', '50', '-t', '4'];
  const args = ['-hide_banner', '-loglevel', 'error', ...pictureAs(...H264), ...cut, ...movie, '-'];
  const run = promisify(execFile);
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1e8 });
  const found: Clip = { init: Buffer.alloc(0), segments: [] };
  const reader = new FragmentReader({
    onInit: (init) => (found.init = init),
    onFragment: ({ data, independent }) => {
      if (independent) found.segments.push([STYP]);
      found.segments.at(-1)?.push(data);
    },
  });
  reader.push(stdout);
  return found;
}

let halves: Clip;
let frames: Clip;
beforeAll(async () => {
  [halves, frames] = [await clip(460_000), await clip(1)];
});

let now: number;
let store: UploadStore;
beforeEach(() => {
  now = 1_000_000;
  store = new UploadStore({ wallClock: () => now, settleMs: 0, parts: true });
});

/** Uploads a segment in chunks, one every `everyMs`. */
function upload(name: string, stretches: readonly Buffer[], everyMs: number, finish = true) {
  const begun = store.begin(name);
  for (const stretch of stretches) {
    begun?.push(stretch);
    now += everyMs;
  }
  if (finish) begun?.finish(Buffer.concat(stretches));
  return begun;
}
const put = (name: string, text: string | Buffer) => {
  store.put(name, Buffer.from(text));
};
const list = (from: number, to: number, ...more: string[]) => {
  const names = Array.from({ length: to - from + 1 }, (_, index) => `${from + index}.m4s`);
  put('tv.m3u8', [...HEAD, ...more, MAP, ...names.flatMap((name) => ['#EXTINF:2.0,', name]), ''].join('\n'));
};
const get = async (name: string, range?: { start: number; length: number }) =>
  (await store.get(UPLOAD_ENTRY + name, LIMITS, new AbortController().signal, range)).data;
const lines = async () => (await get('tv.m3u8')).toString().trim().split('\n');
const parts = async () => (await lines()).filter((line) => line.startsWith('#EXT-X-PART:'));

describe('a segment that is uploaded while it is made', () => {
  beforeEach(() => {
    put('init.mp4', halves.init);
    upload('7.m4s', halves.segments[0] ?? [], 400);
    list(7, 7);
  });

  it('has parts from the second segment on, each as soon as its last byte has arrived', async () => {
    const [, first = STYP, second = STYP] = halves.segments[1] ?? [];
    const begun = upload('8.m4s', [STYP, first], 400, false);
    expect((await lines())[1]).toBe('#EXT-X-PART-INF:PART-TARGET=0.48');
    const bytes = STYP.length + first.length;
    expect((await lines()).slice(-3)).toEqual([
      ...['#EXTINF:2.0,', '7.m4s'],
      `#EXT-X-PART:DURATION=0.48000,URI="8.m4s",BYTERANGE="${bytes}@0",INDEPENDENT=YES`,
    ]);
    expect(await get('8.m4s', { start: 0, length: bytes })).toEqual(Buffer.concat([STYP, first]));
    begun?.push(second.subarray(0, 1000));
    expect((await parts()).filter((line) => line.includes('8.m4s')).length).toBe(1);
    begun?.push(second.subarray(1000));
    expect((await parts()).at(-1)).toMatch(
      new RegExp(`URI="8\\.m4s",BYTERANGE="${second.length}@${bytes}"$`),
    );
  });

  it('is the sum of its parts, which are listed before its EXTINF', async () => {
    const segment = halves.segments[1] ?? [];
    upload('8.m4s', segment, 400);
    expect((await lines()).at(-1)).toContain('8.m4s');
    list(7, 8);
    expect((await lines()).slice(-3)[0]).toContain('#EXT-X-PART:');
    expect((await lines()).slice(-2)).toEqual(['#EXTINF:2.0,', '8.m4s']);
    const own = (await parts()).filter((line) => line.includes('8.m4s'));
    const ranges = own.map((line) => (/"(\d+)@(\d+)"/.exec(line) ?? []).slice(1).map(Number));
    const cut = ranges.map(([length = 0, start = 0]) => get('8.m4s', { start, length }));
    expect(Buffer.concat(await Promise.all(cut))).toEqual(Buffer.concat(segment));
    const seconds = own.reduce((sum, line) => sum + Number(/DURATION=([\d.]+)/.exec(line)?.[1]), 0);
    expect(seconds).toBeCloseTo(2, 2);
  });

  it('wakes requests that wait for the playlist', async () => {
    await lines();
    const changed = store.untilChanged(`${UPLOAD_ENTRY}tv.m3u8`, 600_000, new AbortController().signal);
    upload('8.m4s', halves.segments[1]?.slice(0, 2) ?? [], 400, false);
    await changed;
    expect((await parts()).at(-1)).toContain('8.m4s');
  });

  it('becomes a gap when it breaks off, and is served whole when it is sent again', async () => {
    upload('8.m4s', halves.segments[1]?.slice(0, 3) ?? [], 400, false)?.breakOff();
    expect((await lines()).at(-1)).toBe('#EXT-X-PART:DURATION=0.48,URI="8.m4s",GAP=YES');
    expect(store.begin('8.m4s')).toBeUndefined();
    put('8.m4s', Buffer.concat(halves.segments[1] ?? []));
    expect((await lines()).at(-1)).toContain('GAP=YES');
    list(7, 8);
    upload('9.m4s', halves.segments[0]?.slice(0, 2) ?? [], 400, false);
    expect((await lines()).at(-1)).toContain('URI="9.m4s",BYTERANGE');
  });

  it('is served whole if its boxes are invalid, or claim more than they hold', async () => {
    upload('8.m4s', [Buffer.from('<!doctype html><title>not found</title>')], 400, false);
    expect((await parts()).every((line) => line.includes('7.m4s'))).toBe(true);
    const moof = Buffer.from(halves.segments[1]?.[1] ?? []);
    // A run of four billion samples.
    moof.writeUInt32BE(0xffffffff, moof.indexOf('trun') + 8);
    list(7, 8);
    upload('9.m4s', [STYP, moof], 400, false);
    expect(await parts()).toEqual([]);
    expect((await lines()).at(-1)).toBe('8.m4s');
  });

  it('gets no parts if the encoder lists parts itself, or the list has ended', async () => {
    upload('8.m4s', halves.segments[1] ?? [], 400, false);
    list(7, 7, '#EXT-X-PART-INF:PART-TARGET=1');
    expect(await parts()).toEqual([]);
    list(7, 7, '#EXT-X-ENDLIST');
    expect(await parts()).toEqual([]);
    list(7, 7);
    expect((await parts()).length).toBeGreaterThan(4);
  });
});

it('joins fragments of one frame into parts of half a second', async () => {
  put('init.mp4', frames.init);
  upload('7.m4s', frames.segments[0] ?? [], 38);
  list(7, 7);
  upload('8.m4s', frames.segments[1] ?? [], 38);
  const durations = (await parts()).map((line) => Number(/DURATION=([\d.]+)/.exec(line)?.[1]));
  expect(durations).toEqual([0.48, 0.48, 0.48, 0.48, 0.08, 0.48, 0.48, 0.48, 0.48, 0.08]);
});

it('lists no parts of a segment that was made before its upload', async () => {
  put('init.mp4', halves.init);
  upload('7.m4s', halves.segments[0] ?? [], 1);
  list(7, 7);
  upload('8.m4s', halves.segments[1] ?? [], 1);
  expect(await parts()).toEqual([]);
});

it('looks for no parts unless the option is set', () => {
  store = new UploadStore({ wallClock: () => now });
  expect(store.begin('7.m4s')).toBeUndefined();
});
