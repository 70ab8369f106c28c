import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import type { MultivariantPart } from '../stream/live-stream.ts';

/** The source's multivariant playlist without the renditions that do not work now, as long as alternatives remain. */
export function renderMultivariant(
  parts: readonly MultivariantPart[],
  works: (part: MultivariantPart) => boolean,
): string {
  const withChoice = new Set(parts.filter(works).map((part) => part.choice));
  const kept = parts.filter(
    (part) => works(part) || part.choice === undefined || !withChoice.has(part.choice),
  );
  return `${kept.flatMap((part) => part.lines).join('\n')}\n`;
}

/** Our own media playlists: a line of its own, or an attribute. All other addresses are absolute. */
const OWN_PLAYLIST = /^([0-9a-f]{8}\/index\.m3u8)$|(?<=[:,]URI=")([0-9a-f]{8}\/index\.m3u8)(?=")/gm;

/** Adds parameters to the addresses of our own media playlists. */
export function withPlaylistQuery(text: string, query: string): string {
  return query === '' ? text : text.replace(OWN_PLAYLIST, (path) => `${path}?${query}`);
}

/** A multivariant playlist for a source that has none: its only rendition as the one variant, with known attributes. */
export function makeMultivariant(renditions: Iterable<RenditionBuffer>): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:6'];
  for (const rendition of renditions) {
    const { bandwidth, codecs, resolution, frameRate } = rendition.attributes;
    const measured = measureBandwidth(rendition);
    const attributes = [
      `BANDWIDTH=${bandwidth ?? measured.peak}`,
      `AVERAGE-BANDWIDTH=${Math.min(bandwidth ?? measured.mean, measured.mean)}`,
      ...(codecs === undefined ? [] : [`CODECS="${codecs}"`]),
      ...(resolution === undefined ? [] : [`RESOLUTION=${resolution}`]),
      ...(frameRate === undefined ? [] : [`FRAME-RATE=${frameRate.toFixed(3)}`]),
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, `${rendition.id}/index.m3u8`);
  }
  return `${lines.join('\n')}\n`;
}

/** Bandwidth of the listed segments, in bit/s. At least 1: the attribute is required and 0 tells a player nothing. */
function measureBandwidth(rendition: RenditionBuffer): { peak: number; mean: number } {
  let peak = 0;
  let bits = 0;
  let seconds = 0;
  for (const { segment, durationMs } of rendition.listed) {
    if (segment === undefined || durationMs <= 0) continue;
    peak = Math.max(peak, (segment.data.length * 8000) / durationMs);
    bits += segment.data.length * 8;
    seconds += durationMs / 1000;
  }
  return { peak: Math.max(1, Math.ceil(peak)), mean: Math.max(1, Math.ceil(bits / (seconds || 1))) };
}
