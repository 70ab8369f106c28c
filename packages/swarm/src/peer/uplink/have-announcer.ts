import { PieceSet } from '@freshet/protocol';
import type { Neighbour } from '../neighbours/neighbour.ts';
import type { Neighbourhood } from '../neighbours/neighbourhood.ts';
import type { Outbox } from '../api/outbox.ts';
import type { SegmentBook } from '../segments/segment-book.ts';
import { type AnnouncedSegment, isHeld, type SegmentState } from '../segments/segment-state.ts';
import type { Uploader } from './uploader.ts';

/** Maximum of `have` frames of one segment to one neighbour. The last is reserved for the complete segment. */
const MAX_HAVES = 4;
/** A further `have` needs at least this share of the segment in new pieces, unless no other piece is on its way. */
const NEWS_SHARE = 0.25;
/** How many of the newest segments are announced to a new neighbour: about a playlist's. It has to query for others. */
const FIRST_TELL = 16;

/** Announces held pieces to neighbours: the first at once, then in steps, so that control traffic stays small. */
export class HaveAnnouncer {
  readonly #outbox: Outbox;
  readonly #book: SegmentBook;
  readonly #neighbours: Neighbourhood;
  readonly #uploader: Pick<Uploader, 'backlogMs'>;
  #sharing: boolean;

  constructor(
    outbox: Outbox,
    book: SegmentBook,
    neighbours: Neighbourhood,
    uploader: Pick<Uploader, 'backlogMs'>,
    sharing: boolean,
  ) {
    this.#outbox = outbox;
    this.#book = book;
    this.#neighbours = neighbours;
    this.#uploader = uploader;
    this.#sharing = sharing;
  }

  /** This viewer starts or stops uploading: announces everything again, or takes it back. */
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
    const held = [...this.#book.all()].filter(isHeld);
    for (const segment of held.slice(-FIRST_TELL)) this.#tell(neighbour, segment, segment.held.copy());
  }

  /** A neighbour queries for a segment, by a `have` without a piece. */
  answer(neighbour: Neighbour, segment: SegmentState): void {
    if (!this.#sharing || !isHeld(segment)) return;
    if ((segment.told.get(neighbour.id)?.times ?? 0) >= MAX_HAVES) return;
    this.#tell(neighbour, segment, segment.held.copy());
  }

  /** A piece of the segment was stored, or a transfer of it ended. */
  news(segment: AnnouncedSegment): void {
    if (!this.#sharing || segment.held.size === 0) return;
    const { held, count } = segment;
    const { requests, origin } = segment;
    const pausing = segment.complete || (origin.fetching.size === 0 && requests.asked.size === 0);
    const least = pausing ? 1 : count * NEWS_SHARE;
    // One copy for all neighbours: sets of frames never change.
    let pieces: PieceSet | undefined;
    for (const neighbour of this.#neighbours.all()) {
      if (!isWorthTelling(neighbour, segment, least)) continue;
      pieces ??= held.copy();
      this.#tell(neighbour, segment, pieces);
    }
  }

  #tell(neighbour: Neighbour, segment: AnnouncedSegment, pieces: PieceSet): void {
    const times = segment.told.get(neighbour.id)?.times ?? 0;
    segment.told.set(neighbour.id, { pieces, times: times + 1 });
    this.#send(neighbour, segment, pieces);
  }

  #takeBack(neighbour: Neighbour): void {
    for (const segment of this.#book.all()) {
      if (segment.state === 'announced' && segment.told.delete(neighbour.id))
        this.#send(neighbour, segment, new PieceSet(segment.count));
    }
  }

  #send(neighbour: Neighbour, segment: SegmentState, pieces: PieceSet): void {
    const { backlogMs } = this.#uploader;
    this.#outbox.send(neighbour.id, { type: 'have', segment: segment.id, pieces, backlogMs });
  }
}

/** Pieces that the neighbour has from others are not announced: they would take a sixth of all frames. */
function isWorthTelling(neighbour: Neighbour, segment: AnnouncedSegment, least: number): boolean {
  const { held } = segment;
  const told = segment.told.get(neighbour.id);
  if (told !== undefined) {
    if (told.times >= (segment.complete ? MAX_HAVES : MAX_HAVES - 1)) return false;
    // All announced pieces are held: in most cases this comparison is enough.
    if (held.size - told.pieces.size < least) return false;
  }
  const news = held.countBeyond(told?.pieces, neighbour.piecesOf(segment));
  return news >= (told === undefined ? 1 : least);
}
