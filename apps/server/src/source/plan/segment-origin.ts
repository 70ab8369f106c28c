import { LIMITS } from '@freshet/protocol';
import type { SourceSegment } from '../playlist/media-list.ts';

/** Where viewers fetch segments that no neighbour has: from this server, or where the source's playlists say they are. */
export type Fallback = 'server' | 'cdn';

/**
 * @returns the address at the broadcaster's CDN. undefined: this server serves it, as it does a byte range of a file,
 * since pieces are ranges of a segment and not of the file; and a segment whose address is too long to be announced
 */
export function segmentOrigin(fallback: Fallback, { url, range }: SourceSegment): string | undefined {
  const atCdn = fallback === 'cdn' && range === undefined && url.length <= LIMITS.urlCharacters;
  return atCdn ? url : undefined;
}
