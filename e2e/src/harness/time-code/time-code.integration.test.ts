import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ffmpegPath } from '../sources/encoder.ts';
import { decodePicture } from './decode-picture.ts';
import { timeCodeFilter, TIME_CODE } from './time-code.ts';

const WIDTH = TIME_CODE.bits * TIME_CODE.cellWidth;
const HEIGHT = 2 * TIME_CODE.cellHeight;

/** Every `step`-th picture of `count` with its time code, as ffmpeg draws it over grey: RGBA, one after the other. */
async function draw(count: number, step: number): Promise<readonly Uint8Array[]> {
  const { stdout } = await promisify(execFile)(
    ffmpegPath('ffmpeg'),
    [
      ...[
        '-hide_banner',
        '-loglevel',
        'error',
        '-f',
        'lavfi',
        '-i',
        `color=gray:size=${WIDTH}x${HEIGHT}:rate=25`,
      ],
      ...['-vf', `${timeCodeFilter()},select='not(mod(n,${step}))'`, '-fps_mode', 'passthrough'],
      ...['-frames:v', String(Math.ceil(count / step)), '-f', 'rawvideo', '-pix_fmt', 'rgba', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 2 ** 26 },
  );
  const bytes = WIDTH * HEIGHT * 4;
  return Array.from({ length: stdout.length / bytes }, (_, i) => stdout.subarray(i * bytes, (i + 1) * bytes));
}

/** Simulates a page whose video shows that picture. */
function show(data: Uint8Array | undefined): void {
  const context = { drawImage: () => undefined, getImageData: () => ({ data }) };
  vi.stubGlobal('HTMLMediaElement', { HAVE_CURRENT_DATA: 2 });
  vi.stubGlobal('document', {
    querySelector: () => ({ readyState: data === undefined ? 0 : 2 }),
    createElement: () => ({ getContext: () => context }),
  });
}

describe('time code', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('is read back from pictures that ffmpeg drew', async () => {
    const step = 431;
    const pictures = await draw(12 * step, step);
    expect(pictures).toHaveLength(12);
    for (const [i, data] of pictures.entries()) {
      show(data);
      expect(decodePicture(TIME_CODE)?.picture).toBe(i * step);
    }
  });

  it('is not read from a picture without a time code, or with a block that is neither black nor white', async () => {
    const [data] = await draw(1, 1);
    if (data === undefined) throw new Error('ffmpeg drew nothing');
    show(new Uint8Array(data.length).fill(128));
    expect(decodePicture(TIME_CODE)).toBeUndefined();
    const smeared = Uint8Array.from(data);
    for (let y = 0; y < HEIGHT; y++) smeared.fill(128, y * WIDTH * 4, (y * WIDTH + TIME_CODE.cellWidth) * 4);
    show(smeared);
    expect(decodePicture(TIME_CODE)).toBeUndefined();
  });

  it('is not read while there is no picture', () => {
    show(undefined);
    expect(decodePicture(TIME_CODE)).toBeUndefined();
  });
});
