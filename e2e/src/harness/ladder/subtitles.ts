import type { Track } from './media-track.ts';
import { SEGMENT_SECONDS } from './ladder-clip.ts';

/** MPEG-TS from ffmpeg starts at 1.4 s of its clock (126000 ticks), plus 0.08 s for its decoder delay. */
const TS_START_TICKS = 133_500;

/** A WebVTT rendition with one cue per segment, which states its language and its time. */
export function makeSubtitles(language: string, seconds: number, clock: 'ts' | 'fmp4'): Track {
  const files = new Map<string, Buffer>();
  const entries = Array.from({ length: Math.floor(seconds / SEGMENT_SECONDS) }, (_, i) => {
    const uri = `sub-${language}-${i}.vtt`;
    const [from, to] = [i * SEGMENT_SECONDS, (i + 1) * SEGMENT_SECONDS];
    const text = [
      'WEBVTT',
      `X-TIMESTAMP-MAP=MPEGTS:${clock === 'ts' ? TS_START_TICKS : 0},LOCAL:00:00:00.000`,
      '',
      `${stamp(from)} --> ${stamp(to)}`,
      `${language} ${from}`,
      '',
    ].join('\n');
    files.set(uri, Buffer.from(text));
    return { seconds: SEGMENT_SECONDS, uri };
  });
  return { entries, files };
}

function stamp(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `00:${two(minutes)}:${two(seconds % 60)}.000`;
}
