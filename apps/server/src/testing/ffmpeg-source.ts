import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const run = promisify(execFile);
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25'];
const SOUND = ['-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=48000'];
export const H264 =
  '-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g 25 -threads 1'.split(' ');

/** The input of an encoder: a test picture and a tone, or a tone alone. */
export const PICTURE_AND_TONE = [...PICTURE, ...SOUND];
export const PROGRAMME = [...PICTURE_AND_TONE, ...H264, '-c:a', 'aac', '-b:a', '64k'];
export const soundAs = (...coding: string[]) => [...SOUND, ...coding];
export const pictureAs = (...coding: string[]) => [...PICTURE, ...coding];

/** Starts an ffmpeg that sends in real time until the test ends. @param args after `-re` */
export function encoder(...args: string[]): ChildProcess {
  const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-re', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return child;
}

/** Makes a file of a few seconds with ffmpeg. */
export async function makeClip(file: string, ...args: string[]): Promise<void> {
  await run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args, file]);
}

/** The codecs of the media at an address. */
export async function codecsAt(url: string): Promise<string[]> {
  const show = ['-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0'];
  const { stdout } = await run('ffprobe', [...show, url]);
  return [...new Set(stdout.trim().split(/\s+/))].sort();
}

/** Decodes at most `seconds` of a stream with ffmpeg. @returns seconds of media decoded, and ffmpeg's complaints */
export async function playedSeconds(
  url: string,
  seconds: number,
): Promise<[seconds: number, complaints: string]> {
  const quiet = ['-hide_banner', '-loglevel', 'error', '-xerror'];
  const output = ['-map', '0', '-t', String(seconds), '-f', 'null', '-progress', 'pipe:1', '-'];
  const { stdout, stderr } = await run('ffmpeg', [...quiet, '-i', url, ...output]);
  const times = [...stdout.matchAll(/out_time_us=(\d+)/g)];
  return [Number(times.at(-1)?.[1] ?? 0) / 1e6, stderr];
}
