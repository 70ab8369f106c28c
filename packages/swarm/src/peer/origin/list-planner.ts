import { type Millis, type SegmentKey } from '@freshet/protocol';
import type { Outbox } from '../api/outbox.ts';
import type { SegmentBook } from '../segments/segment-book.ts';
import type { SegmentState } from '../segments/segment-state.ts';

/** How long the announcement of a segment is awaited that a playlist already lists; and as long, its list. */
const ANNOUNCEMENT_MS = 300;
/** Piece lists asked for at a time: the player asks for one segment of each track after the other. */
const MAX_LISTS = 4;

/** Decides when the piece list of a segment that the player wants is asked of the origin, once for each segment. */
export class ListPlanner {
  readonly #outbox: Outbox;
  readonly #book: SegmentBook;
  readonly #running = new Set<SegmentKey>();
  #joinedAt: Millis | undefined;
  #silent = false;

  constructor(outbox: Outbox, book: SegmentBook) {
    this.#outbox = outbox;
    this.#book = book;
  }

  joined(): void {
    this.#joinedAt = this.#outbox.now;
    this.#silent = false;
  }

  trackerLost(): void {
    this.#silent = true;
  }

  /** It may have been forgotten meanwhile: then it is not known any more. */
  ended(key: SegmentKey, segment: SegmentState | undefined): void {
    this.#running.delete(key);
    if (segment !== undefined) segment.listEnded = true;
  }

  /** Of a segment that was not announced. Before the first welcome nobody is there to share with, and it brings lists. */
  plan(segment: SegmentState): void {
    if (this.#joinedAt === undefined || segment.listAskedAt !== undefined) return;
    const dueAt = this.#isUnheard(segment) ? this.#outbox.now : this.#announcedBy(segment);
    if (dueAt > this.#outbox.now) this.#outbox.wakeBy(dueAt);
    else if (this.#running.size < MAX_LISTS) {
      segment.listAskedAt = this.#outbox.now;
      this.#running.add(segment.key);
      this.#outbox.put({ type: 'fetch-list', segment: segment.id });
    }
  }

  /** Until when something may come of waiting for the announcement or the list. */
  awaitedUntil(segment: SegmentState): Millis {
    const { listAskedAt, listEnded } = segment;
    if (listEnded) return this.#outbox.now;
    return listAskedAt === undefined ? this.#announcedBy(segment) : listAskedAt + ANNOUNCEMENT_MS;
  }

  /** No announcement of it will come: nobody announces, or what is newer was announced already. */
  #isUnheard(segment: SegmentState): boolean {
    return this.#silent || this.#book.behind(segment.id) > 0;
  }

  #announcedBy(segment: SegmentState): Millis {
    return Math.max(segment.heardAt, this.#joinedAt ?? 0) + ANNOUNCEMENT_MS;
  }
}
