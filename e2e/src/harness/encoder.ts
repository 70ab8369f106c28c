import { findFfmpeg } from '../../setup/tools.mjs';
import { Program } from './program.ts';

export const FRAMES_PER_SECOND = 25;

const TONE_INPUT = ['-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=48000'];
/** A test picture and a tone, 336 + 64 kbit/s, a keyframe every 2 s. Cheap: two cores also carry every viewer. */
export const CLIP_INPUT = [
  ...['-f', 'lavfi', '-i', `testsrc2=size=480x270:rate=${FRAMES_PER_SECOND}`],
  ...TONE_INPUT,
];
export const CLIP_CODING = [
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
  ...['-b:v', '336k', '-minrate', '336k', '-maxrate', '336k', '-bufsize', '336k'],
  ...['-g', '50', '-keyint_min', '50', '-sc_threshold', '0', '-threads', '1'],
  ...['-c:a', 'aac', '-b:a', '64k'],
];

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
  return encoder([...CLIP_INPUT, ...CLIP_CODING, ...output, url]);
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
