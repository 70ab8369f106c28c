import { beforeEach, expect, it } from 'vitest';
import { UploadStore } from '../upload/upload-store.ts';
import { PartPackager } from './part-packager.ts';

let now: number;
let store: UploadStore;
let packager: PartPackager;

beforeEach(() => {
  now = 1_000_000;
  const wallClock = () => now;
  store = new UploadStore({ wallClock });
  packager = new PartPackager({ store, prefix: 'run3', playlist: 'index.m3u8', wallClock });
  packager.onInit(Buffer.from('init'));
});

/** Sends parts of 0.5 s that contain their number; every `every`th begins with a keyframe. */
function send(from: number, to: number, every = 4): void {
  for (let part = from; part <= to; part++) {
    now += 500;
    packager.onFragment({ data: Buffer.from(`<${part}>`), durationMs: 500, independent: part % every === 0 });
  }
}

const list = () => store.peek('index.m3u8')?.toString().trim().split('\n') ?? [];
const text = (name: string) => store.peek(name)?.toString();

it('lists each part as soon as it arrives, and the segment when the next begins', () => {
  send(0, 1);
  expect(list()).toEqual([
    ...['#EXTM3U', '#EXT-X-VERSION:9', '#EXT-X-INDEPENDENT-SEGMENTS', '#EXT-X-TARGETDURATION:2'],
    ...['#EXT-X-PART-INF:PART-TARGET=0.5', '#EXT-X-MEDIA-SEQUENCE:0', '#EXT-X-MAP:URI="run3-init.mp4"'],
    '#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:16:40.000Z',
    '#EXT-X-PART:DURATION=0.50000,URI="run3-0.0.m4s",INDEPENDENT=YES',
    '#EXT-X-PART:DURATION=0.50000,URI="run3-0.1.m4s"',
  ]);
  expect(text('run3-0.1.m4s')).toBe('<1>');
  send(2, 4);
  expect(list().slice(-4)).toEqual([
    '#EXTINF:2.00000,',
    'run3-0.m4s',
    '#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:16:42.000Z',
    '#EXT-X-PART:DURATION=0.50000,URI="run3-1.0.m4s",INDEPENDENT=YES',
  ]);
  expect(text('run3-0.m4s')).toBe('<0><1><2><3>');
});

it('cuts at keyframes only, and lists a window', () => {
  send(0, 60, 8);
  expect(list()).toContain('#EXT-X-TARGETDURATION:4');
  expect(list()).toContain('#EXT-X-MEDIA-SEQUENCE:1');
  expect(list().filter((line) => line.startsWith('#EXTINF')).length).toBe(6);
  // Parts of the segment in progress and of the two before it.
  expect(list().filter((line) => line.startsWith('#EXT-X-PART:')).length).toBe(5 + 8 + 8);
  expect(text('run3-0.m4s')).toBeUndefined();
  expect(text('run3-3.0.m4s')).toBeUndefined();
});

it('ends a segment even without keyframes, and lists no part longer than the target', () => {
  send(0, 70, 1000);
  expect(list()).toContain('#EXTINF:30.00000,');
  packager.onFragment({ data: Buffer.from('x'), durationMs: 812, independent: false });
  expect(list()).toContain('#EXT-X-PART-INF:PART-TARGET=0.82');
});
