import type { Millis, PeerId, PieceSet, SegmentKey } from '@freshet/protocol';
import { RateEstimate } from '../estimates/rate-estimate.ts';
import type { Asked } from '../segments/planner-records.ts';
import type { AnnouncedSegment, SegmentState } from '../segments/segment-state.ts';

/** The assumed rate of a neighbour that was not measured yet: 1 Mbit/s, in bytes a millisecond. */
const FIRST_RATE = 125;
const RATE_FLOOR = 2;
/** Maximum of outstanding requests: as many as a neighbour queues (B7). */
const MAX_ASKED = 64;
/** The assumed time from a request to its first frame, before it was measured. */
const FIRST_WAIT_MS = 100;
/** The shortest wait follows each longer one by this share of the difference. */
const WAIT_DRIFT = 1 / 16;
/** After this many late requests in a row, a neighbour's announcements are not relied on. */
const LATE_IN_A_ROW = 3;
/** Maximum of `have`s kept for segments that are not known here yet; beyond it the oldest is dropped. */
const MAX_EARLY = 256;
/** A neighbour that sends more control frames a second is flooding. An honest one sends a few for each segment. */
const MAX_FRAMES_PER_SECOND = 500;

/** The peer of an open link: its pieces, its outstanding requests, and its speed. */
export class Neighbour {
  readonly id: PeerId;
  readonly openedAt: Millis;
  /** Its `have`s of segments that are not known here yet. `offers` of the segments has the others. */
  readonly #early = new Map<SegmentKey, PieceSet>();
  readonly rate = new RateEstimate(FIRST_RATE, 0.3, RATE_FLOOR);
  /** Bytes requested and not answered. */
  askedBytes = 0;
  askedPieces = 0;
  badPieces = 0;
  /** Late requests in a row. */
  lateInARow = 0;
  /** When it will have sent all requested pieces, by its own announced backlog. */
  #freeAt: Millis = 0;
  /** From a request to its first frame when nothing else is queued: about a round trip. */
  #waitMs: Millis = FIRST_WAIT_MS;
  /** When it last sent anything. */
  heardAt: Millis;
  /** It answered `refused`: it gets no requests until its next `have`. */
  refuses = false;
  lastPieceAt: Millis = 0;
  /** When a piece last went over this link, either way. */
  usedAt: Millis;
  /** When it got the first request since its last answer of any kind; undefined: none. */
  unansweredSince: Millis | undefined;
  #frameWindowStart: Millis = 0;
  #framesInWindow = 0;

  constructor(id: PeerId, now: Millis) {
    this.id = id;
    this.openedAt = now;
    this.usedAt = now;
    this.heardAt = now;
  }

  /** @returns false when the neighbour sends more control frames than any honest one. */
  countFrame(now: Millis): boolean {
    this.heardAt = now;
    if (now - this.#frameWindowStart >= 1000) {
      this.#frameWindowStart = now;
      this.#framesInWindow = 0;
    }
    return ++this.#framesInWindow <= MAX_FRAMES_PER_SECOND;
  }

  /** @param segment undefined: it is not known here yet. */
  learn(segment: SegmentState | undefined, key: SegmentKey, pieces: PieceSet): void {
    this.refuses = false;
    if (segment !== undefined) {
      segment.offers.set(this.id, pieces);
      return;
    }
    this.#early.set(key, pieces);
    if (this.#early.size > MAX_EARLY) {
      const oldest = this.#early.keys().next();
      if (!oldest.done) this.#early.delete(oldest.value);
    }
  }

  lacks(segment: AnnouncedSegment, piece: number): void {
    const pieces = this.piecesOf(segment);
    if (pieces?.has(piece) !== true) return;
    // A copy: the set of a frame may be shared and must not change.
    const others = pieces.copy();
    others.delete(piece);
    segment.offers.set(this.id, others);
  }

  /** Its pieces of the segment; undefined: none announced, or a set of the wrong length. */
  piecesOf(segment: SegmentState): PieceSet | undefined {
    let pieces = segment.offers.get(this.id);
    if (pieces === undefined && this.#early.size > 0) {
      pieces = this.#early.get(segment.key);
      if (pieces === undefined) return undefined;
      this.#early.delete(segment.key);
      segment.offers.set(this.id, pieces);
    }
    return segment.state === 'announced' && segment.count === pieces?.length ? pieces : undefined;
  }

  has(segment: AnnouncedSegment, piece: number): boolean {
    return this.piecesOf(segment)?.has(piece) ?? false;
  }

  asked(bytes: number, now: Millis): void {
    this.askedPieces++;
    this.askedBytes += bytes;
    this.#freeAt = Math.max(this.#freeAt, now) + bytes / this.rate.value;
    this.unansweredSince ??= now;
  }

  /** It announced its backlog. Requests of the last round trip are not in it. */
  tellsBacklog(backlogMs: Millis, now: Millis): void {
    this.heardAt = now;
    this.#freeAt = now + backlogMs;
  }

  get freeAt(): Millis {
    return this.#freeAt;
  }

  get canTake(): boolean {
    return !this.refuses && this.askedPieces < MAX_ASKED;
  }

  /** When `bytes` more would arrive if requested now. */
  expectedAt(bytes: number, now: Millis): Millis {
    return Math.max(this.#freeAt, now) + this.#waitMs + bytes / this.rate.value;
  }

  /** The first frame of a requested piece arrived. */
  begins(asked: Asked, now: Millis): void {
    const waitMs = now - asked.at;
    this.#waitMs = Math.min(waitMs, this.#waitMs + (waitMs - this.#waitMs) * WAIT_DRIFT);
  }

  used(now: Millis): void {
    this.usedAt = now;
  }

  /** A piece or a rejection arrived, in time or not: the neighbour is not silent. */
  answered(): void {
    this.unansweredSince = undefined;
  }

  /** A requested piece arrived: the time from its first frame to its last is a sample of the rate. */
  delivered(asked: Asked, bytes: number, now: Millis): void {
    const { firstAt, frames } = asked;
    if (firstAt !== undefined) this.rate.sample((bytes * frames) / (frames + 1) / Math.max(1, now - firstAt));
    else {
      // A single frame gives a lower bound of the rate.
      const least = bytes / Math.max(1, now - Math.max(asked.at + this.#waitMs, this.lastPieceAt));
      if (least > this.rate.value) this.rate.sample(least);
    }
    this.lastPieceAt = now;
    this.used(now);
    this.lateInARow = 0;
  }

  /** Whether its announcements can be relied on. */
  get isCredible(): boolean {
    return !this.refuses && this.lateInARow < LATE_IN_A_ROW;
  }

  late(): void {
    this.rate.halve();
    this.lateInARow++;
  }
}
