import { LIMITS } from '@freshet/protocol';
import type { SourceSegment } from '../playlist/media-list.ts';

/** Where viewers fetch segments that no neighbour has: this server, or the addresses in the source's playlists. */
export type Fallback = 'server' | 'cdn';

/**
 * @returns the address at the broadcaster's CDN. undefined: this server serves the segment. So it does a byte range of
 * a file, since pieces are ranges of a segment and not of the file, and a segment whose address is too long to announce
 */
export function segmentOrigin(fallback: Fallback, { url, range }: SourceSegment): string | undefined {
  const atCdn = fallback === 'cdn' && range === undefined && url.length <= LIMITS.urlCharacters;
  return atCdn ? url : undefined;
}
