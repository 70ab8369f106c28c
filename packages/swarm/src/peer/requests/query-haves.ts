import { PieceSet } from '@freshet/protocol';
import type { Neighbourhood } from '../neighbours/neighbourhood.ts';
import type { Outbox } from '../api/outbox.ts';
import type { SegmentBook } from '../segments/segment-book.ts';
import type { SegmentState } from '../segments/segment-state.ts';

/** What is nearer to the newest segment than this, neighbours tell by themselves. */
const LIVE_SEGMENTS = 8;

/**
 * Of a segment far behind the newest, neighbours that said nothing of it are asked what they have: they tell newcomers
 * of their newest segments only. The question is an empty `have`; who has nothing of it does not answer.
 */
export function queryHaves(
  segment: SegmentState,
  book: SegmentBook,
  neighbours: Neighbourhood,
  outbox: Outbox,
): void {
  if (segment.wants.size === 0 || book.behind(segment.id) <= LIVE_SEGMENTS) return;
  for (const neighbour of neighbours.all()) {
    if (segment.queried.has(neighbour.id) || neighbour.piecesOf(segment) !== undefined) continue;
    segment.queried.add(neighbour.id);
    segment.queriedAt = outbox.now;
    const pieces = new PieceSet(segment.count);
    const frame = { type: 'have', segment: segment.id, pieces, backlogMs: 0 } as const;
    outbox.put({ type: 'send', peer: neighbour.id, frame });
  }
}
