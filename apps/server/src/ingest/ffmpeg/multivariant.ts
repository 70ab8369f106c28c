import type { LadderStep } from '../../config/ladder.ts';
import { type CodingPlan, variants } from './coding-plan.ts';
import { variantPlaylist } from './ffmpeg-arguments.ts';
import type { InputStreams } from './read-streams.ts';

/** Assumed ratio of the peak bitrate to that of the first segment of copied video, or to the requested bitrate. */
const PEAK = 1.2;
const SOUND_KBPS = 128;

/**
 * The multivariant playlist of the renditions that ffmpeg makes by a plan.
 * @param file gives the files uploaded so far. @returns undefined until each variant has its first segment
 */
export function multivariant(
  plan: CodingPlan,
  { width, height }: InputStreams,
  file: (name: string) => Buffer | undefined,
): string | undefined {
  const lines = ['#EXTM3U', '#EXT-X-INDEPENDENT-SEGMENTS'];
  for (const [index, variant] of variants(plan).entries()) {
    const measured = measuredKbps(file(variantPlaylist(index))?.toString('utf8'), file);
    if (measured === undefined) return undefined;
    const kbps = variant === 'copy' ? measured : variant.kbps + SOUND_KBPS;
    const size = resolution(variant, width, height);
    const attributes = [`BANDWIDTH=${Math.round(kbps * PEAK * 1000)}`, ...(size === undefined ? [] : [size])];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, variantPlaylist(index));
  }
  return `${lines.join('\n')}\n`;
}

/** The bitrate of the first segment in a playlist. */
function measuredKbps(
  playlist: string | undefined,
  file: (name: string) => Buffer | undefined,
): number | undefined {
  const [, seconds, name = ''] =
    /^#EXTINF:([\d.]+),[^\n]*\n(?:#[^\n]*\n)*([^#\s]+)/m.exec(playlist ?? '') ?? [];
  const bytes = file(name.slice(name.lastIndexOf('/') + 1))?.length;
  return bytes === undefined || !(Number(seconds) > 0) ? undefined : (bytes * 8) / 1000 / Number(seconds);
}

function resolution(variant: 'copy' | LadderStep, width?: number, height?: number): string | undefined {
  if (width === undefined || height === undefined) return undefined;
  if (variant === 'copy') return `RESOLUTION=${width}x${height}`;
  return `RESOLUTION=${2 * Math.round((width * variant.height) / height / 2)}x${variant.height}`;
}
