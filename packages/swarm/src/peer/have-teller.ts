import { type PeerId, PieceSet, type SegmentKey } from '@freshet/protocol';
import type { Neighbour } from './neighbour.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import type { Outbox } from './outbox.ts';
import type { SegmentBook } from './segment-book.ts';
import type { SegmentState } from './segment-state.ts';

/** `have` frames of one segment to one neighbour, at most. The last is kept for the complete segment. */
const MAX_HAVES = 4;
/** Between them this share of the segment has to be new to the neighbour, unless nothing more is on its way. */
const NEWS_SHARE = 0.25;
/** Segments whose tellings are remembered per neighbour; the oldest goes. */
const MAX_REMEMBERED = 256;
/** Segments that a new neighbour is told of: the newest, about a playlist's. Who plays further back asks the origin. */
const FIRST_TELL = 16;

interface Told {
  readonly pieces: PieceSet;
  readonly times: number;
}

/** Tells neighbours what they can have from here: at once at first, then in steps, so that control stays small. */
export class HaveTeller {
  readonly #outbox: Outbox;
  readonly #book: SegmentBook;
  readonly #neighbours: Neighbourhood;
  readonly #told = new Map<PeerId, Map<SegmentKey, Told>>();
  #sharing: boolean;

  constructor(outbox: Outbox, book: SegmentBook, neighbours: Neighbourhood, sharing: boolean) {
    this.#outbox = outbox;
    this.#book = book;
    this.#neighbours = neighbours;
    this.#sharing = sharing;
  }

  /** This viewer starts or stops giving: everything is told anew, or taken back. */
  share(sharing: boolean): void {
    if (sharing === this.#sharing) return;
    this.#sharing = sharing;
    for (const neighbour of this.#neighbours.all()) {
      if (sharing) this.greet(neighbour);
      else this.#takeBack(neighbour);
    }
  }

  greet(neighbour: Neighbour): void {
    if (!this.#sharing) return;
    this.#told.set(neighbour.id, new Map());
    const held = [...this.#book.all()].filter((segment) => segment.held.size > 0);
    for (const segment of held.slice(-FIRST_TELL)) this.#tell(neighbour, segment);
  }

  closed(peer: PeerId): void {
    this.#told.delete(peer);
  }

  /** More of a segment is held, or a transfer of it ended. */
  news(segment: SegmentState): void {
    if (!this.#sharing || segment.held.size === 0) return;
    for (const neighbour of this.#neighbours.all()) {
      if (this.#isWorthTelling(neighbour, segment)) this.#tell(neighbour, segment);
    }
  }

  /** What the neighbour has already from others is no news: a sixth of all frames would say just that. */
  #isWorthTelling(neighbour: Neighbour, segment: SegmentState): boolean {
    const told = this.#told.get(neighbour.id)?.get(segment.key);
    const news = segment.held.countBeyond(told?.pieces, neighbour.pieces(segment));
    if (news === 0) return false;
    if (told === undefined) return true;
    if (told.times >= MAX_HAVES) return false;
    if (segment.complete) return true;
    if (told.times >= MAX_HAVES - 1) return false;
    const pausing = segment.fetching.size === 0 && segment.asked.size === 0;
    return pausing || news >= segment.count * NEWS_SHARE;
  }

  #tell(neighbour: Neighbour, segment: SegmentState): void {
    const told = this.#told.get(neighbour.id) ?? new Map<SegmentKey, Told>();
    this.#told.set(neighbour.id, told);
    told.set(segment.key, {
      pieces: segment.held.copy(),
      times: (told.get(segment.key)?.times ?? 0) + 1,
    });
    if (told.size > MAX_REMEMBERED) {
      const oldest = told.keys().next();
      if (!oldest.done) told.delete(oldest.value);
    }
    this.#send(neighbour, segment, segment.held.copy());
  }

  #takeBack(neighbour: Neighbour): void {
    for (const key of this.#told.get(neighbour.id)?.keys() ?? []) {
      const segment = this.#book.get(key);
      if (segment?.announced === true) this.#send(neighbour, segment, new PieceSet(segment.count));
    }
    this.#told.delete(neighbour.id);
  }

  #send(neighbour: Neighbour, segment: SegmentState, pieces: PieceSet): void {
    this.#outbox.put({
      type: 'send',
      peer: neighbour.id,
      frame: { type: 'have', segment: segment.id, pieces },
    });
  }
}
