import { encodePieceList } from '@freshet/protocol';
import type { StoredSegment } from '../buffer/stored-segment.ts';

/** A segment's piece list, for viewers who were not told of it. Made when asked for: it is about a thousandth of the segment. */
export function pieceListBody({ data, durationMs, hashes, parts, etag }: StoredSegment) {
  const list = encodePieceList({ bytes: data.length, durationMs, hashes, parts });
  return { data: Buffer.from(list.buffer), contentType: 'application/octet-stream', etag };
}
