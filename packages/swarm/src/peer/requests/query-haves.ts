import { PieceSet } from '@freshet/protocol';
import type { Neighbourhood } from '../neighbours/neighbourhood.ts';
import type { Outbox } from '../api/outbox.ts';
import type { SegmentBook } from '../segments/segment-book.ts';
import type { AnnouncedSegment } from '../segments/segment-state.ts';

/** Neighbours announce segments by themselves that are at most this far behind the newest. */
const LIVE_SEGMENTS = 8;

/**
 * Queries neighbours for a segment far behind the newest, if they have not announced any of it: they announce only
 * their newest segments to newcomers. The query is an empty `have`; a neighbour that has nothing of the segment does
 * not answer.
 */
export function queryHaves(
  segment: AnnouncedSegment,
  book: SegmentBook,
  neighbours: Neighbourhood,
  outbox: Outbox,
): void {
  if (segment.wants.size === 0 || book.behind(segment.id) <= LIVE_SEGMENTS) return;
  for (const neighbour of neighbours.all()) {
    if (segment.requests.queried.has(neighbour.id) || neighbour.piecesOf(segment) !== undefined) continue;
    segment.requests.queried.add(neighbour.id);
    segment.requests.queriedAt = outbox.now;
    const pieces = new PieceSet(segment.count);
    outbox.send(neighbour.id, { type: 'have', segment: segment.id, pieces, backlogMs: 0 });
  }
}
