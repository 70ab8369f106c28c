import { type Millis, type PeerId, PieceSet } from '@freshet/protocol';
import type { Neighbour } from '../neighbours/neighbour.ts';
import type { Neighbourhood } from '../neighbours/neighbourhood.ts';
import type { Outbox } from '../api/outbox.ts';
import type { SegmentBook } from '../segments/segment-book.ts';
import type { SegmentState } from '../segments/segment-state.ts';

/** `have` frames of one segment to one neighbour, at most. The last is kept for the complete segment. */
const MAX_HAVES = 4;
/** Between them this share of the segment has to be new to the neighbour, unless nothing more is on its way. */
const NEWS_SHARE = 0.25;
/** Segments that a new neighbour is told of: the newest, about a playlist's. Viewers that play further back query for the others. */
const FIRST_TELL = 16;

/** Tells neighbours what they can have from here: at once at first, then in steps, so that control stays small. */
export class HaveAnnouncer {
  readonly #outbox: Outbox;
  readonly #book: SegmentBook;
  readonly #neighbours: Neighbourhood;
  readonly #backlogMs: () => Millis;
  #sharing: boolean;

  /** @param backlogMs how long a request waits for this viewer's uplink. */
  constructor(
    outbox: Outbox,
    book: SegmentBook,
    neighbours: Neighbourhood,
    backlogMs: () => Millis,
    sharing: boolean,
  ) {
    this.#outbox = outbox;
    this.#book = book;
    this.#neighbours = neighbours;
    this.#backlogMs = backlogMs;
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
    this.closed(neighbour.id);
    const held = [...this.#book.all()].filter((segment) => segment.held.size > 0);
    for (const segment of held.slice(-FIRST_TELL)) this.#tell(neighbour, segment, segment.held.copy());
  }

  closed(peer: PeerId): void {
    for (const segment of this.#book.all()) segment.told.delete(peer);
  }

  /** A neighbour that says that it has nothing of a segment is after it. */
  answer(neighbour: Neighbour, segment: SegmentState): void {
    if (!this.#sharing || segment.held.size === 0) return;
    if ((segment.told.get(neighbour.id)?.times ?? 0) >= MAX_HAVES) return;
    this.#tell(neighbour, segment, segment.held.copy());
  }

  /** More of a segment is held, or a transfer of it ended. */
  news(segment: SegmentState): void {
    if (!this.#sharing || segment.held.size === 0) return;
    const { held, count } = segment;
    const pausing = segment.complete || (segment.fetching.size === 0 && segment.asked.size === 0);
    const least = pausing ? 1 : count * NEWS_SHARE;
    // One for all: nobody changes what travels in a frame.
    let pieces: PieceSet | undefined;
    for (const neighbour of this.#neighbours.all()) {
      if (!isWorthTelling(neighbour, segment, least)) continue;
      pieces ??= held.copy();
      this.#tell(neighbour, segment, pieces);
    }
  }

  #tell(neighbour: Neighbour, segment: SegmentState, pieces: PieceSet): void {
    const times = segment.told.get(neighbour.id)?.times ?? 0;
    segment.told.set(neighbour.id, { pieces, times: times + 1 });
    this.#send(neighbour, segment, pieces);
  }

  #takeBack(neighbour: Neighbour): void {
    for (const segment of this.#book.all()) {
      if (!segment.told.delete(neighbour.id)) continue;
      this.#send(neighbour, segment, new PieceSet(segment.count));
    }
  }

  #send(neighbour: Neighbour, segment: SegmentState, pieces: PieceSet): void {
    this.#outbox.put({
      type: 'send',
      peer: neighbour.id,
      frame: { type: 'have', segment: segment.id, pieces, backlogMs: this.#backlogMs() },
    });
  }
}

/** What the neighbour has already from others is no news: a sixth of all frames would say just that. */
function isWorthTelling(neighbour: Neighbour, segment: SegmentState, least: number): boolean {
  const { held } = segment;
  const told = segment.told.get(neighbour.id);
  if (told !== undefined) {
    if (told.times >= (segment.complete ? MAX_HAVES : MAX_HAVES - 1)) return false;
    // All that was told of is held: most often that says enough.
    if (held.size - told.pieces.size < least) return false;
  }
  const news = held.countBeyond(told?.pieces, neighbour.piecesOf(segment));
  return news >= (told === undefined ? 1 : least);
}
