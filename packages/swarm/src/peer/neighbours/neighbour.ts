import type { Millis, PeerId, PieceSet, SegmentKey } from '@freshet/protocol';
import { RateEstimate } from '../estimates/rate-estimate.ts';
import type { Asked, SegmentState } from '../segments/segment-state.ts';

/** What a neighbour is taken to deliver before it was measured: 1 Mbit/s, in bytes a millisecond. */
const FIRST_RATE = 125;
const RATE_FLOOR = 2;
/** Requests outstanding at most: what a neighbour lets wait (B7). */
const MAX_ASKED = 64;
/** From a request to the first frame, before it was measured. */
const FIRST_WAIT_MS = 100;
/** The least wait follows longer ones by this part at a time. */
const WAIT_DRIFT = 1 / 16;
/** Requests in a row that ran out of time, after which a neighbour's word is not relied on. */
const LATE_IN_A_ROW = 3;
/** Segments not known here of which a neighbour's `have` is remembered; the first that it spoke of goes. */
const MAX_EARLY = 256;
/** Control frames a second before a neighbour counts as flooding. An honest one sends a few a segment. */
const MAX_FRAMES_PER_SECOND = 500;

/** One open link: what it has, what it owes us, how well it delivers. */
export class Neighbour {
  readonly id: PeerId;
  readonly openedAt: Millis;
  /** What it said of segments before they were known here. The rest stands with the segments, where all that have it are found at once. */
  readonly #early = new Map<SegmentKey, PieceSet>();
  readonly rate = new RateEstimate(FIRST_RATE, 0.3, RATE_FLOOR);
  /** Bytes asked for and not answered. */
  askedBytes = 0;
  askedPieces = 0;
  badPieces = 0;
  /** Requests in a row that ran out of time. */
  lateInARow = 0;
  /** When it will have sent all that it was asked for so far, by its own word on its backlog. */
  #freeAt: Millis = 0;
  /** From a request to the first frame where nothing else waits: about a round trip. */
  #waitMs: Millis = FIRST_WAIT_MS;
  /** When it last sent anything. */
  heardAt: Millis;
  /** Said `refused`: not asked until it says `have` again. */
  refuses = false;
  lastPieceAt: Millis = 0;
  /** When a piece last went over this link, either way. */
  usedAt: Millis;
  /** When it was first asked since it last answered in any way; undefined when it was not. */
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

  lacks(segment: SegmentState, piece: number): void {
    const pieces = this.piecesOf(segment);
    if (pieces?.has(piece) !== true) return;
    // A copy: what came in a frame is not ours to change.
    const others = pieces.copy();
    others.delete(piece);
    segment.offers.set(this.id, others);
  }

  /** What it has of the segment; undefined: nothing, or a number of pieces that is not the segment's. */
  piecesOf(segment: SegmentState): PieceSet | undefined {
    let pieces = segment.offers.get(this.id);
    if (pieces === undefined && this.#early.size > 0) {
      pieces = this.#early.get(segment.key);
      if (pieces === undefined) return undefined;
      this.#early.delete(segment.key);
      segment.offers.set(this.id, pieces);
    }
    return pieces?.length === segment.count ? pieces : undefined;
  }

  has(segment: SegmentState, piece: number): boolean {
    return this.piecesOf(segment)?.has(piece) ?? false;
  }

  asked(bytes: number, now: Millis): void {
    this.askedPieces++;
    this.askedBytes += bytes;
    this.#freeAt = Math.max(this.#freeAt, now) + bytes / this.rate.value;
    this.unansweredSince ??= now;
  }

  /** It said how long a request waits. What was asked of it in the last round trip it did not know of. */
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

  /** When `bytes` more would be here if asked for now. */
  expectedAt(bytes: number, now: Millis): Millis {
    return Math.max(this.#freeAt, now) + this.#waitMs + bytes / this.rate.value;
  }

  /** The first frame of a requested piece came. */
  begins(asked: Asked, now: Millis): void {
    const waitMs = now - asked.at;
    this.#waitMs = Math.min(waitMs, this.#waitMs + (waitMs - this.#waitMs) * WAIT_DRIFT);
  }

  used(now: Millis): void {
    this.usedAt = now;
  }

  /** A piece or a rejection came, in time or not: it is not silent. */
  answered(): void {
    this.unansweredSince = undefined;
  }

  /** A requested piece came: the time from its first frame to its last is a sample of the rate. */
  delivered(asked: Asked, bytes: number, now: Millis): void {
    const { firstAt, frames } = asked;
    if (firstAt !== undefined) this.rate.sample((bytes * frames) / (frames + 1) / Math.max(1, now - firstAt));
    else {
      // One frame alone: at least as fast as this.
      const least = bytes / Math.max(1, now - Math.max(asked.at + this.#waitMs, this.lastPieceAt));
      if (least > this.rate.value) this.rate.sample(least);
    }
    this.lastPieceAt = now;
    this.used(now);
    this.lateInARow = 0;
  }

  /** Whether pieces that it says it has can be counted on. */
  get isCredible(): boolean {
    return !this.refuses && this.lateInARow < LATE_IN_A_ROW;
  }

  late(): void {
    this.rate.halve();
    this.lateInARow++;
  }
}
