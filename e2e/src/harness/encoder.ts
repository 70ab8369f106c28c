import { findFfmpeg } from '../../setup/tools.mjs';
import { Program } from './program.ts';

export const FRAMES_PER_SECOND = 25;

/** A test picture and a tone, 336 + 64 kbit/s, a keyframe every 2 s. Cheap: two cores also carry every viewer. */
export const CLIP_INPUT = [
  ...['-f', 'lavfi', '-i', `testsrc2=size=480x270:rate=${FRAMES_PER_SECOND}`],
  ...['-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=48000'],
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
  return new Program({
    name: 'encoder',
    command: ffmpegPath('ffmpeg'),
    args: ['-hide_banner', '-loglevel', 'warning', '-re', ...CLIP_INPUT, ...CLIP_CODING, '-f', 'flv', url],
  });
}
