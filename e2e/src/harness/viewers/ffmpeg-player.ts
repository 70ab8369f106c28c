import { expect } from '@playwright/test';
import { ffmpegPath } from '../sources/encoder.ts';
import { Program } from '../programs/program.ts';

export interface FfmpegPlay {
  /** Stop after this much media; absent: play to the end. */
  readonly seconds?: number;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The result of playing a playlist in ffmpeg, which has no code of this project. */
export interface FfmpegPlayed {
  /** Length of the decoded pictures and sound. */
  readonly seconds: number;
  /** Decoded pictures. */
  readonly frames: number;
  /** Its messages at level warning or above. */
  readonly complaints: string;
}

/**
 * Messages about correct streams: its encoder's pictures start with timing that refers to what follows, it finds an
 * init segment again when a key or a reload repeats it, times start over after a discontinuity, and messages are
 * repeated.
 */
const NO_FAULT =
  /non-existing SPS 0 referenced in buffering period|Found duplicated MOOV Atom|DTS \d+ < \d+ out of order|Last message repeated/;

/** Plays with ffmpeg as a plain client: fetches, decrypts and decodes all of it, and shows nothing. */
export async function playInFfmpeg(
  url: string,
  { seconds, headers = {} }: FfmpegPlay = {},
): Promise<FfmpegPlayed> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const ffmpeg = new Program({
    name: 'ffmpeg as a player',
    command: ffmpegPath('ffmpeg'),
    args: [
      ...['-hide_banner', '-nostdin', '-loglevel', 'warning'],
      ...(lines.length === 0 ? [] : ['-headers', lines.join('')]),
      ...['-i', url],
      ...(seconds === undefined ? [] : ['-t', String(seconds)]),
      ...['-f', 'null', '-progress', 'pipe:1', '-'],
    ],
  });
  const how = await ffmpeg.exited;
  const printed = ffmpeg.output.split('\n');
  // `key=value` lines are its progress, all others are messages.
  const last = (key: string): number =>
    Number(printed.findLast((line) => line.startsWith(key))?.slice(key.length));
  const complaints = printed.filter((line) => !/^\w+= *\S*$/.test(line) && !NO_FAULT.test(line)).join('\n');
  expect(how, complaints).toBe('exit code 0');
  return { seconds: last('out_time_us=') / 1e6, frames: last('frame='), complaints };
}
