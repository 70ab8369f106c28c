import { findFfmpeg } from '../../../setup/tools.mjs';
import { Program } from '../programs/program.ts';

/** How an encoder codes the test picture. The rates exclude the container. */
export interface Coding {
  readonly videoKbps: number;
  readonly framesPerSecond: number;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /**
   * Fill data, which decoders skip, makes up the rate that a simple picture does not need. Otherwise the rate is what
   * the encoder produces.
   */
  readonly filled: boolean;
  /** Rate of a tone; 0: no sound. */
  readonly soundKbps: number;
}

/** Cheap to code: the same two cores also run all viewers. */
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

/**
 * A live encoder that sends to an address until it is stopped.
 * @param output ffmpeg's arguments for the output format
 */
export function publishTo(url: string, output: readonly string[]): Program {
  return encoder([...clipInput(USUAL_CODING), ...clipCoding(USUAL_CODING), ...output, url]);
}

/** The same with only a tone, in MP3. */
export function publishMp3(url: string): Program {
  const coding = ['-c:a', 'libmp3lame', '-b:a', '128k', '-content_type', 'audio/mpeg', '-f', 'mp3'];
  return encoder([...TONE_INPUT, ...coding, url]);
}

/** `-re` throttles only the input after it, and with it the inputs that are interleaved with it. */
function encoder(args: readonly string[]): Program {
  const quiet = ['-hide_banner', '-loglevel', 'warning', '-re'];
  return new Program({ name: 'encoder', command: ffmpegPath('ffmpeg'), args: [...quiet, ...args] });
}
