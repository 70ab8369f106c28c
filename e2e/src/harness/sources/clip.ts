import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clipCoding, clipInput, ffmpegPath, USUAL_CODING } from './encoder.ts';
import { Program } from '../programs/program.ts';
import { timeCodeFilter } from '../time-code/time-code.ts';

export const SEGMENT_SECONDS = 2;

/** A clip cut into MPEG-TS segments of SEGMENT_SECONDS, in order. Each picture shows its number (`readTimeCode`). */
export interface Clip {
  readonly segments: readonly Buffer[];
  /** Mean over the clip, container included. */
  readonly kbps: number;
  readonly framesPerSecond: number;
}

/**
 * Makes a clip of at least that length, or takes it from the cache in the system's temporary folder. It is as long as
 * the run and not looped, so that its timestamps continue.
 */
export async function makeClip(seconds: number, coding = USUAL_CODING): Promise<Clip> {
  const length = Math.ceil(seconds / 60) * 60;
  const arguments_ = [
    ...['-hide_banner', '-loglevel', 'error', ...clipInput(coding)],
    ...['-vf', timeCodeFilter(), ...clipCoding(coding), '-t', String(length)],
    ...['-f', 'hls', '-hls_time', String(SEGMENT_SECONDS), '-hls_list_size', '0'],
    ...['-hls_segment_filename', '%05d.ts', 'index.m3u8'],
  ];
  const name = createHash('sha256').update(arguments_.join(' ')).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `freshet-bench-clip-${name}`);
  if ((await stat(folder).catch(() => undefined)) === undefined) await encode(folder, arguments_);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort();
  const segments = await Promise.all(files.map((file) => readFile(join(folder, file))));
  const bytes = segments.reduce((sum, segment) => sum + segment.length, 0);
  const kbps = (bytes * 8) / 1000 / (segments.length * SEGMENT_SECONDS);
  return { segments, kbps, framesPerSecond: coding.framesPerSecond };
}

/** Writes to a folder beside it first, so that an interrupted run leaves no incomplete clip. */
async function encode(folder: string, arguments_: readonly string[]): Promise<void> {
  const making = `${folder}.${process.pid}`;
  await mkdir(making);
  const ffmpeg = new Program({
    name: 'ffmpeg',
    command: ffmpegPath('ffmpeg'),
    args: arguments_,
    cwd: making,
  });
  const how = await ffmpeg.exited;
  if (how !== 'exit code 0') {
    await rm(making, { recursive: true, force: true });
    throw new Error(`ffmpeg could not make the clip (${how}):\n${ffmpeg.output}`);
  }
  await rename(making, folder);
}
