import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '@freshet/protocol';
import { pictureAs, PROGRAMME, soundAs } from '../testing/ffmpeg-source.ts';
import { type Fragment, FragmentReader } from './fragment-reader.ts';

const run = promisify(execFile);

/** 4 s with a keyframe every second, as ffmpeg uploads it. */
async function fragmented(...programme: readonly string[]): Promise<Buffer> {
  const movie = [
    '-f',
    'mp4',
    '-movflags',
    '+frag_keyframe+delay_moov+default_base_moof',
    '-frag_duration',
    '400000',
  ];
  const args = ['-hide_banner', '-loglevel', 'error', ...programme, '-t', '4', ...movie, '-'];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1e8 });
  return stdout;
}

function read(file: Buffer, stretch: number) {
  const inits: Buffer[] = [];
  const fragments: Fragment[] = [];
  const reader = new FragmentReader({
    onInit: (init) => inits.push(init),
    onFragment: (fragment) => fragments.push(fragment),
  });
  for (let at = 0; at < file.length; at += stretch) reader.push(file.subarray(at, at + stretch));
  return { inits, fragments, seconds: fragments.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000 };
}

let movie: Buffer;
beforeAll(async () => {
  movie = await fragmented(...PROGRAMME);
});

describe('FragmentReader', () => {
  it.each([1, 7, 1000, 1e9])('finds the same in chunks of %d bytes', (stretch) => {
    const { inits, fragments, seconds } = read(movie, stretch);
    expect(inits.length).toBe(1);
    expect(seconds).toBeCloseTo(4, 2);
    expect(fragments.filter(({ independent }) => independent).length).toBe(4);
    expect(Math.max(...fragments.map(({ durationMs }) => durationMs))).toBeLessThanOrEqual(440);
    const all = Buffer.concat([...inits, ...fragments.map(({ data }) => data)]);
    // ffmpeg's index at the end is not needed.
    expect(movie.subarray(0, all.length).equals(all)).toBe(true);
    expect(movie.toString('latin1', all.length + 4, all.length + 8)).toBe('mfra');
  });

  it('takes durations from the video, or from the audio without video, and marks independent fragments', async () => {
    expect(read(await fragmented(...pictureAs('-c:v', 'mpeg4', '-g', '5')), 1e9).seconds).toBeCloseTo(4, 2);
    const { fragments, seconds } = read(await fragmented(...soundAs('-c:a', 'aac')), 1e9);
    expect(seconds).toBeCloseTo(4, 1);
    expect(fragments.every(({ independent }) => independent)).toBe(true);
  });

  it('throws on other files, and on boxes larger than a segment', () => {
    expect(() => read(Buffer.from('<!doctype html>'), 1e9)).toThrow(RangeError);
    expect(() => read(Buffer.from([0, 0, 0, 7, 0, 0, 0, 0]), 1e9)).toThrow(RangeError);
    const huge = Buffer.alloc(8);
    huge.writeUInt32BE(LIMITS.segmentBytes + 1);
    expect(() => read(huge, 1e9)).toThrow(RangeError);
    const { inits } = read(movie, 1e9);
    const headless = movie.subarray(inits[0]?.length);
    expect(() => read(headless, 1e9)).toThrow('a fragment before the init segment');
  });
});
