import { findFfmpeg } from '../../setup/tools.mjs';
import { Program } from './program.ts';

/** What an encoder makes of the test picture. The container comes on top. */
export interface Coding {
  readonly videoKbps: number;
  readonly framesPerSecond: number;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Fill data makes up for what a simple picture leaves of the rate: decoders skip it. Else it is what comes out. */
  readonly filled: boolean;
  /** Of a tone; 0: none. */
  readonly soundKbps: number;
}

/** Cheap: two cores also carry every viewer. */
export const USUAL_CODING: Coding = {
  videoKbps: 336,
  framesPerSecond: 25,
  width: 480,
  height: 270,
  filled: false,
  soundKbps: 64,
};

const TONE_INPUT = ['-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=48000'];

/** A test picture and a tone, or the picture alone. */
export function clipInput(coding: Coding): readonly string[] {
  const { framesPerSecond, width, height, soundKbps } = coding;
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${framesPerSecond}`];
  return soundKbps === 0 ? picture : [...picture, ...TONE_INPUT];
}

/** H.264 with a keyframe every 2 s, and AAC. */
export function clipCoding({ videoKbps, framesPerSecond, filled, soundKbps }: Coding): readonly string[] {
  const [rate, group] = [`${videoKbps}k`, String(2 * framesPerSecond)];
  return [
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
    ...['-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate],
    ...(filled ? ['-x264-params', 'nal-hrd=cbr'] : []),
    ...['-g', group, '-keyint_min', group, '-sc_threshold', '0', '-threads', '1'],
    ...(soundKbps === 0 ? [] : ['-c:a', 'aac', '-b:a', `${soundKbps}k`]),
  ];
}

export function ffmpegPath(name: 'ffmpeg' | 'ffprobe'): string {
  const path = findFfmpeg(name);
  if (path === undefined) throw new Error(`${name} is missing: npm run setup`);
  return path;
}

/** A live encoder that publishes over RTMP until it is stopped. */
export function publishRtmp(url: string): Program {
  return publishTo(url, ['-f', 'flv']);
}

/** A live encoder that sends to an address until it is stopped. @param output ffmpeg's arguments for its form */
export function publishTo(url: string, output: readonly string[]): Program {
  return encoder([...clipInput(USUAL_CODING), ...clipCoding(USUAL_CODING), ...output, url]);
}

/** The same of a tone alone, in MP3. */
export function publishMp3(url: string): Program {
  const coding = ['-c:a', 'libmp3lame', '-b:a', '128k', '-content_type', 'audio/mpeg', '-f', 'mp3'];
  return encoder([...TONE_INPUT, ...coding, url]);
}

/** `-re` holds back the input behind it only, and with it what is interleaved. */
function encoder(args: readonly string[]): Program {
  const quiet = ['-hide_banner', '-loglevel', 'warning', '-re'];
  return new Program({ name: 'encoder', command: ffmpegPath('ffmpeg'), args: [...quiet, ...args] });
}
