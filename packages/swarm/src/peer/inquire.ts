import { PieceSet } from '@freshet/protocol';
import type { Neighbourhood } from './neighbourhood.ts';
import type { Outbox } from './outbox.ts';
import type { SegmentBook } from './segment-book.ts';
import type { SegmentState } from './segment-state.ts';

/** What is nearer to the newest segment than this, neighbours tell by themselves. */
const LIVE_SEGMENTS = 8;

/**
 * Of a segment far behind the newest, neighbours that said nothing of it are asked what they have: they tell newcomers
 * of their newest segments only. The question is an empty `have`; who has nothing of it does not answer.
 */
export function inquire(
  segment: SegmentState,
  book: SegmentBook,
  neighbours: Neighbourhood,
  outbox: Outbox,
): void {
  if (segment.wants.size === 0 || book.behind(segment.id) <= LIVE_SEGMENTS) return;
  for (const neighbour of neighbours.all()) {
    if (segment.inquired.has(neighbour.id) || neighbour.piecesOf(segment) !== undefined) continue;
    segment.inquired.add(neighbour.id);
    segment.inquiredAt = outbox.now;
    const pieces = new PieceSet(segment.count);
    outbox.put({ type: 'send', peer: neighbour.id, frame: { type: 'have', segment: segment.id, pieces } });
  }
}
