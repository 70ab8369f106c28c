import { type Millis, type SegmentKey } from '@freshet/protocol';
import type { Outbox } from '../api/outbox.ts';
import type { Neighbourhood } from '../neighbours/neighbourhood.ts';
import type { SegmentBook } from '../segments/segment-book.ts';
import type { UnannouncedSegment } from '../segments/segment-state.ts';

/** How long to wait for the announcement of a segment that is in the playlist, and then as long for its piece list. */
const ANNOUNCEMENT_MS = 300;
/** Concurrent requests of piece lists: the player requests one segment of each track after the other. */
const MAX_LISTS = 4;

/** Decides when to request the piece list of a wanted segment from the origin, once for each segment. */
export class ListPlanner {
  readonly #outbox: Outbox;
  readonly #book: SegmentBook;
  readonly #neighbours: Neighbourhood;
  readonly #running = new Set<SegmentKey>();
  /** No announcement comes: the connection to the tracker is lost. */
  silent = false;

  constructor(outbox: Outbox, book: SegmentBook, neighbours: Neighbourhood) {
    this.#outbox = outbox;
    this.#book = book;
    this.#neighbours = neighbours;
  }

  /** The segment may have been discarded in the meantime. */
  ended(key: SegmentKey): void {
    this.#running.delete(key);
    const segment = this.#book.get(key);
    if (segment?.state === 'unannounced') segment.listEnded = true;
  }

  /** Not before the first welcome: it brings piece lists, and there is no one to share with before it. */
  plan(segment: UnannouncedSegment): void {
    if (this.#neighbours.self === undefined || segment.listAskedAt !== undefined) return;
    const dueAt = this.#isUnheard(segment) ? this.#outbox.now : this.#announcedBy(segment);
    if (this.#outbox.awaits(dueAt) || this.#running.size >= MAX_LISTS) return;
    segment.listAskedAt = this.#outbox.now;
    this.#running.add(segment.key);
    this.#outbox.put({ type: 'fetch-list', segment: segment.id });
  }

  /** How long the announcement or the piece list may still arrive. */
  awaitedUntil(segment: UnannouncedSegment): Millis {
    const { listAskedAt, listEnded } = segment;
    if (listEnded) return this.#outbox.now;
    return listAskedAt === undefined ? this.#announcedBy(segment) : listAskedAt + ANNOUNCEMENT_MS;
  }

  /** No announcement of it will come: the tracker is lost, or a newer segment has been announced already. */
  #isUnheard(segment: UnannouncedSegment): boolean {
    return this.silent || this.#book.behind(segment.id) > 0;
  }

  #announcedBy(segment: UnannouncedSegment): Millis {
    return Math.max(segment.heardAt, this.#neighbours.joinedAt) + ANNOUNCEMENT_MS;
  }
}
