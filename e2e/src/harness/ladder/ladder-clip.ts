import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ffmpegPath } from '../sources/encoder.ts';
import { Program } from '../programs/program.ts';
import { readTrack, type Track } from './media-track.ts';

export const SEGMENT_SECONDS = 2;

/** How ffmpeg packs a rendition: MPEG-TS, fMP4 in files, or fMP4 in byte ranges of one file. */
export type Packing = 'ts' | 'fmp4' | 'single-file';

export interface LadderLevel {
  readonly name: string;
  readonly kbps: number;
  readonly size: string;
}

/** Small pictures at rates that are far enough apart. Two cores decode for all viewers. */
export const LEVELS: readonly LadderLevel[] = [
  { name: 'low', kbps: 120, size: '160x90' },
  { name: 'mid', kbps: 360, size: '256x144' },
  { name: 'high', kbps: 900, size: '320x180' },
];
export const LANGUAGES = ['en', 'da'] as const;

/** Video levels and audio languages of one programme, by name, each cut into segments of SEGMENT_SECONDS. */
export type Ladder = ReadonlyMap<string, Track>;

/**
 * Encodes a programme in every level and language with ffmpeg and packs it, or takes it from the cache in the system's
 * temporary folder.
 * @param source ffmpeg's name of a test picture; another picture makes another programme
 */
export async function makeLadder(seconds: number, packing: Packing, source = 'testsrc2'): Promise<Ladder> {
  const length = String(Math.ceil(seconds / SEGMENT_SECONDS) * SEGMENT_SECONDS);
  const encoding = encodingArguments(source, length);
  const names = [...LEVELS.map(({ name }) => name), ...LANGUAGES];
  const packs = names.flatMap((name, input) => packingArguments(name, input, packing, source));
  const inputs = names.flatMap((name) => ['-i', `${name}.mkv`]);
  const steps = [encoding, [...inputs, ...packs]];
  const digest = createHash('sha256').update(JSON.stringify(steps)).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `freshet-ladder-${digest}`);
  if ((await stat(folder).catch(() => undefined)) === undefined) await make(folder, steps);
  const files = new Map<string, Buffer>();
  for (const file of await readdir(folder)) files.set(file, await readFile(join(folder, file)));
  return new Map(names.map((name) => [name, readTrack(String(files.get(`${name}.m3u8`)), files)]));
}

function encodingArguments(source: string, seconds: string): readonly string[] {
  const sizes = LEVELS.map(({ size }, i) => `[s${i}]scale=${size.replace('x', ':')}[v${i}]`);
  const split = `[0:v]split=${LEVELS.length}${LEVELS.map((_, i) => `[s${i}]`).join('')}`;
  return [
    ...['-f', 'lavfi', '-i', `${source}=size=320x180:rate=25`],
    ...LANGUAGES.flatMap((_, i) => [
      '-f',
      'lavfi',
      '-i',
      `sine=frequency=${330 * (i + 1)}:sample_rate=48000`,
    ]),
    ...['-filter_complex', [split, ...sizes].join(';')],
    ...LEVELS.flatMap(({ name, kbps }, i) => [
      ...['-map', `[v${i}]`, '-t', seconds, '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
      // Fill data for the bits that a test picture does not need, so that each level has its nominal rate.
      ...['-b:v', `${kbps}k`, '-minrate', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`],
      ...['-x264-params', 'nal-hrd=cbr', '-g', '50', '-keyint_min', '50', '-sc_threshold', '0', '-bf', '0'],
      `${name}.mkv`,
    ]),
    ...LANGUAGES.flatMap((name, i) => [
      ...['-map', `${i + 1}:a`, '-t', seconds, '-c:a', 'aac', '-b:a', '64k', `${name}.mkv`],
    ]),
  ];
}

function packingArguments(name: string, input: number, packing: Packing, source: string): readonly string[] {
  const common = ['-map', String(input), '-c', 'copy', '-f', 'hls', '-hls_list_size', '0'];
  const cut = ['-hls_time', String(SEGMENT_SECONDS), '-hls_playlist_type', 'vod'];
  // Two programmes may be in one playlist, so their files have different names.
  const base = `${source}-${name}`;
  if (packing === 'ts') return [...common, ...cut, '-hls_segment_filename', `${base}-%d.ts`, `${name}.m3u8`];
  const fmp4 = ['-hls_segment_type', 'fmp4'];
  if (packing === 'single-file')
    return [
      ...[...common, ...cut, ...fmp4, '-hls_flags', 'single_file'],
      ...['-hls_segment_filename', `${base}.mp4`, `${name}.m3u8`],
    ];
  return [
    ...[...common, ...cut, ...fmp4, '-hls_fmp4_init_filename', `${base}-init.mp4`],
    ...['-hls_segment_filename', `${base}-%d.m4s`, `${name}.m3u8`],
  ];
}

/** Writes to a folder beside it first, so that an interrupted run leaves no incomplete clip. */
async function make(folder: string, steps: readonly (readonly string[])[]): Promise<void> {
  const making = `${folder}.${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making);
  try {
    for (const args of steps) {
      const ffmpeg = new Program({
        name: 'ffmpeg',
        command: ffmpegPath('ffmpeg'),
        args: ['-hide_banner', '-loglevel', 'error', ...args],
        cwd: making,
      });
      const how = await ffmpeg.exited;
      if (how !== 'exit code 0')
        throw new Error(`ffmpeg could not make the ladder (${how}):\n${ffmpeg.output}`);
    }
    await rename(making, folder);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}
