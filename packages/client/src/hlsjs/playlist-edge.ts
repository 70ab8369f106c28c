import {
  type Millis,
  parseSegmentKey,
  SEGMENT_TAG,
  type SegmentId,
  segmentIdFromUrl,
} from '@freshet/protocol';

/** The end of a live media playlist. */
export interface PlaylistEdge {
  /** The newest segment listed. */
  readonly segment: SegmentId;
  /** Its absolute URL. */
  readonly url: string;
  readonly lastDurationMs: Millis;
  readonly targetDurationMs: Millis;
}

/**
 * Reads the newest segment from a media playlist of our relay.
 * @returns undefined for a multivariant or ended playlist, or one whose segments are not ours.
 */
export function playlistEdge(text: string, playlistUrl: string): PlaylistEdge | undefined {
  if (text.includes('#EXT-X-ENDLIST')) return undefined;
  const target = Number(/^#EXT-X-TARGETDURATION:(\d+)/m.exec(text)?.[1]);
  const lines = text.split(/\r?\n/);
  const last = lines.findLastIndex((line) => line !== '' && !line.startsWith('#'));
  const uri = lines[last];
  if (uri === undefined || !(target > 0) || !URL.canParse(uri, playlistUrl)) return undefined;
  const url = new URL(uri, playlistUrl).href;
  const tag = lines[last - 1]?.startsWith(SEGMENT_TAG) === true ? lines[last - 1] : undefined;
  const segment = tag === undefined ? segmentIdFromUrl(url) : parseSegmentKey(tag.slice(SEGMENT_TAG.length));
  if (segment === undefined) return undefined;
  const info = lines.slice(0, last).findLast((line) => line.startsWith('#EXTINF:'));
  const seconds = Number.parseFloat(info?.slice('#EXTINF:'.length) ?? '');
  const targetDurationMs = target * 1000;
  return {
    segment,
    url,
    targetDurationMs,
    lastDurationMs: seconds > 0 ? Math.min(seconds * 1000, targetDurationMs) : targetDurationMs,
  };
}
