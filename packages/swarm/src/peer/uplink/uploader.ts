import {
  type Millis,
  type PeerId,
  PieceSet,
  type Policy,
  type RejectReason,
  type SegmentId,
  type SegmentKey,
} from '@freshet/protocol';
import type { Outbox } from '../api/outbox.ts';
import type { SegmentBook } from '../segments/segment-book.ts';
import type { SegmentState } from '../segments/segment-state.ts';
import { TokenBucket } from './token-bucket.ts';
import { type Feedback, UplinkControl } from './uplink-control.ts';
import { bytesOf, type Upload, UploadQueue } from './upload-queue.ts';

/** Pieces that one neighbour may have waiting here. What is more is answered `busy`. */
const MAX_QUEUE = 64;
/** Pieces handed to one link at a time. */
const MAX_IN_FLIGHT = 2;
/** Default cap: this many times the stream's bitrate. */
const BITRATE_SHARE = 2;
/** Bytes a millisecond before any bitrate is known: 2 Mbit/s. */
const FIRST_RATE = 250;
/**
 * What may leave at once after a rest, as milliseconds of the cap: what a segment of two seconds costs goes out while it
 * is new, and reaches those behind sooner. Under a broadcaster's limit less.
 */
const BURST_MS = 2000;
const SHORT_BURST_MS = 1000;
/**
 * Handed to the host, as milliseconds of the pace: enough that it always has a piece whose link takes more. The rest waits
 * here, where it can be reordered and taken back. Two pieces may always be there.
 */
const HANDED_MS = 200;
const LEAST_HANDED = 2;
/** Without a deadline a request is refused when it would wait longer than this. */
const MAX_WAIT_MS = 3000;
/** What waits is looked through for what comes too late this often at most. */
const SWEEP_MS = 50;
const SWEEP_AHEAD_MS = 300;
/** The pace is told to the host when it changed by more than this part. */
const PACE_STEP = 0.02;

/**
 * A line that has hardly anything to give for this long is not used: its pieces come late, and hold up the requests and
 * acknowledgements of its own viewer. It is tried again after a while. Hardly anything is less than this part of the
 * bitrate, or than 80 kbit/s.
 */
const WORTH_GIVING_SHARE = 0.3;
const LEAST_WORTH_GIVING = 10;
const EXHAUSTED_MS = 1000;
const REST_MS = 60_000;

interface Reject {
  readonly peer: PeerId;
  readonly segment: SegmentState;
  readonly reason: RejectReason;
  readonly pieces: PieceSet;
}

interface Line {
  readonly inFlight: Upload[];
  servedAt: number;
}

/**
 * Answers neighbours' requests: each piece exactly once, by sending it or by a `reject`, unless the asker cancels or
 * the link closes. First copies first, so that neighbours soon have different pieces to exchange; then by deadline. What
 * cannot leave in time is rejected as soon as that is known.
 */
export class Uploader {
  readonly #outbox: Outbox;
  readonly #book: SegmentBook;
  readonly #queue = new UploadQueue();
  readonly #lines = new Map<PeerId, Line>();
  #control: UplinkControl;
  #exhaustedSince: Millis | undefined;
  #restsUntil: Millis = Number.NEGATIVE_INFINITY;
  readonly #bucket: TokenBucket;
  #policy: Policy;
  #allowed: boolean;
  #given = 0;
  /** Handed to the host, over all links. */
  #inFlightPieces = 0;
  #inFlightBytes = 0;
  /** The cap lets nothing out before this time, unless it changes. */
  #heldUntil: Millis = 0;
  #turn = 0;
  #toldPace = 0;
  #sweepAt: Millis = 0;

  constructor(outbox: Outbox, book: SegmentBook, policy: Policy, allowed: boolean, now: Millis) {
    this.#outbox = outbox;
    this.#book = book;
    this.#policy = policy;
    this.#allowed = allowed;
    this.#control = new UplinkControl(now);
    this.#bucket = new TokenBucket(FIRST_RATE, FIRST_RATE * BURST_MS, now);
  }

  /** Whether this viewer gives: it may, the policy lets it, its session budget is not spent, and its line carries more than it needs. */
  get active(): boolean {
    if (this.#outbox.now < this.#restsUntil) return false;
    const { mode, uploadLimitKbps, uploadBudgetMb } = this.#policy;
    return this.#allowed && mode !== 'off' && uploadLimitKbps !== 0 && this.#given < uploadBudgetMb * 1e6;
  }

  /** What the uplink carries, as far as it was needed; undefined until enough was sent. */
  get uplinkKbps(): number | undefined {
    const rate = this.#control.capacity;
    // A byte a millisecond is 8 kbit/s. In steps of 100, so that it is no news in every report.
    return rate === undefined ? undefined : Math.ceil((rate * 8) / 100) * 100;
  }

  /** How long a request that comes now waits until the last byte of all before it has left. */
  get backlogMs(): Millis {
    return this.#waitMs(this.#queue.bytes);
  }

  allow(allowed: boolean): void {
    this.#allowed = allowed;
    this.#sweepAt = this.#heldUntil = 0;
  }

  apply(policy: Policy): void {
    this.#policy = policy;
    this.#sweepAt = this.#heldUntil = 0;
  }

  requested(
    peer: PeerId,
    segment: SegmentState | undefined,
    id: SegmentId,
    pieces: PieceSet,
    withinMs: number,
  ): void {
    const rejects = new Map<RejectReason, PieceSet>();
    const reject = (piece: number, reason: RejectReason) => {
      const set = rejects.get(reason) ?? new PieceSet(pieces.length);
      set.add(piece);
      rejects.set(reason, set);
    };
    for (const piece of pieces) {
      if (!this.active) reject(piece, 'refused');
      else if (segment?.count !== pieces.length || !segment.isComing(piece)) reject(piece, 'absent');
      else if (!this.#enqueue(peer, segment, piece, withinMs)) reject(piece, 'busy');
    }
    for (const [reason, set] of rejects) this.#reject(peer, id, set, reason);
  }

  cancelled(peer: PeerId, segment: SegmentKey, pieces: PieceSet): void {
    const isIt = (upload: Upload) =>
      upload.peer === peer && upload.segment.key === segment && pieces.has(upload.piece);
    this.#queue.take(isIt);
    const inFlight = this.#lines.get(peer)?.inFlight ?? [];
    for (const upload of inFlight.filter(isIt)) {
      inFlight.splice(inFlight.indexOf(upload), 1);
      this.#handed(upload, -1);
      this.#outbox.put({ type: 'recall-piece', peer, segment, piece: upload.piece });
    }
  }

  sent(peer: PeerId, segment: SegmentKey, piece: number): void {
    const inFlight = this.#lines.get(peer)?.inFlight ?? [];
    const at = inFlight.findIndex((upload) => upload.piece === piece && upload.segment.key === segment);
    const [upload] = at < 0 ? [] : inFlight.splice(at, 1);
    if (upload === undefined) return;
    this.#given += bytesOf(upload);
    this.#handed(upload, -1);
  }

  feedback(peer: PeerId, feedback: Feedback): void {
    const { now } = this.#outbox;
    this.#control.feedback(peer, feedback, now);
    const worthGiving = Math.max(LEAST_WORTH_GIVING, WORTH_GIVING_SHARE * (this.#book.followedRate ?? 0));
    this.#exhaustedSince = this.#control.isQueuedBelow(worthGiving)
      ? (this.#exhaustedSince ?? now)
      : undefined;
    if (this.#exhaustedSince === undefined || now - this.#exhaustedSince < EXHAUSTED_MS) return;
    this.#restsUntil = now + REST_MS;
    this.#exhaustedSince = undefined;
    this.#control = new UplinkControl(now);
    this.#sweepAt = this.#heldUntil = 0;
  }

  closed(peer: PeerId): void {
    this.#control.closed(peer);
    this.#queue.take((upload) => upload.peer === peer);
    for (const upload of this.#lines.get(peer)?.inFlight ?? []) this.#handed(upload, -1);
    this.#lines.delete(peer);
  }

  /** Hands to the host what the line and the cap will take. */
  plan(): void {
    this.#tellPace();
    if (this.#queue.size === 0) return;
    this.#rejectLate();
    const now = this.#outbox.now;
    if (now < this.#heldUntil) {
      this.#outbox.wakeBy(this.#heldUntil);
      return;
    }
    this.#setCap();
    while (this.#hasRoom()) {
      if (!this.#bucket.canTake(now)) {
        this.#heldUntil = this.#bucket.availableAt(now);
        this.#outbox.wakeBy(this.#heldUntil);
        return;
      }
      const upload = this.#queue.next(
        (waiting) => this.#isReady(waiting),
        (a, b) => this.#goesBefore(a, b),
      );
      if (upload === undefined) return;
      this.#bucket.take(bytesOf(upload), now);
      this.#hand(upload);
    }
  }

  #hand(upload: Upload): void {
    const { peer, segment, piece } = upload;
    const line = this.#lineOf(peer);
    line.inFlight.push(upload);
    line.servedAt = ++this.#turn;
    segment.given.set(piece, (segment.given.get(piece) ?? 0) + 1);
    this.#handed(upload, 1);
    this.#outbox.put({ type: 'send-piece', peer, segment: segment.key, piece, backlogMs: this.backlogMs });
  }

  #enqueue(peer: PeerId, segment: SegmentState, piece: number, withinMs: number): boolean {
    // Asked twice for what is already waiting or leaving: one answer serves both, also when the segment was forgotten
    // and is held again meanwhile, as another object.
    const waiting = this.#queue.find(peer, segment.key, piece);
    if (waiting !== undefined) waiting.segment = segment;
    const isIt = (upload: Upload) => upload.piece === piece && upload.segment.key === segment.key;
    if (waiting !== undefined || this.#lineOf(peer).inFlight.some(isIt)) return true;
    if (this.#queue.of(peer) >= MAX_QUEUE) return false;
    const { now } = this.#outbox;
    const deadline = withinMs > 0 ? now + withinMs : Number.POSITIVE_INFINITY;
    const bytes = segment.bytesOf(piece);
    const isFirst = !segment.given.has(piece);
    const before = isFirst ? 0 : this.#queue.bytesBefore(deadline);
    if (this.#waitMs(before + bytes) > (withinMs > 0 ? withinMs : MAX_WAIT_MS)) return false;
    this.#queue.add({ peer, segment, piece, deadline });
    this.#sweepAt = Math.min(this.#sweepAt, Math.max(now, deadline - SWEEP_AHEAD_MS) + SWEEP_MS);
    return true;
  }

  /** Held by now, and its link takes more. */
  #isReady({ peer, segment, piece }: Upload): boolean {
    return segment.held.has(piece) && (this.#lines.get(peer)?.inFlight.length ?? 0) < MAX_IN_FLIGHT;
  }

  /** First copies, in turn to each neighbour; then by deadline. */
  #goesBefore(a: Upload, b: Upload): boolean {
    const isFirst = !a.segment.given.has(a.piece);
    if (isFirst === b.segment.given.has(b.piece)) return isFirst;
    const turns = this.#lineOf(a.peer).servedAt - this.#lineOf(b.peer).servedAt;
    if (isFirst && a.peer !== b.peer) return turns < 0;
    return a.deadline < b.deadline || (a.deadline === b.deadline && turns < 0);
  }

  /** What cannot leave in time, and what will never be here: the asker goes elsewhere. */
  #rejectLate(): void {
    const { now } = this.#outbox;
    if (now < this.#sweepAt) {
      this.#outbox.wakeBy(this.#sweepAt);
      return;
    }
    const { active } = this;
    const isLate = (upload: Upload) => upload.deadline < now + bytesOf(upload) / this.#control.pace;
    const isHopeless = ({ segment, piece }: Upload) => !segment.isComing(piece);
    const late = this.#queue.take((upload) => !active || isLate(upload) || isHopeless(upload));
    const rejects = new Map<string, Reject>();
    for (const upload of late) {
      const { peer, segment, piece } = upload;
      const reason = !active ? 'refused' : isHopeless(upload) ? 'absent' : 'busy';
      const key = `${peer} ${segment.key} ${reason}`;
      let reject = rejects.get(key);
      if (reject === undefined)
        rejects.set(key, (reject = { peer, segment, reason, pieces: new PieceSet(segment.count) }));
      reject.pieces.add(piece);
    }
    for (const { peer, segment, pieces, reason } of rejects.values())
      this.#reject(peer, segment.id, pieces, reason);
    // Nothing is late before the earliest deadline comes near.
    this.#sweepAt = Math.max(now, this.#queue.earliestDeadline() - SWEEP_AHEAD_MS) + SWEEP_MS;
    this.#outbox.wakeBy(this.#sweepAt);
  }

  /** Until so many bytes more have left. */
  #waitMs(bytes: number): Millis {
    const { now } = this.#outbox;
    const waiting = this.#inFlightBytes + bytes;
    return Math.max(waiting / this.#control.pace, this.#bucket.delayFor(waiting, now));
  }

  #tellPace(): void {
    const { pace } = this.#control;
    if (Math.abs(pace - this.#toldPace) <= PACE_STEP * this.#toldPace) return;
    this.#toldPace = pace;
    this.#outbox.put({ type: 'pace', bytesPerMs: pace });
  }

  #setCap(): void {
    const bitrate = this.#book.followedRate;
    const byBitrate = bitrate === undefined ? FIRST_RATE : BITRATE_SHARE * bitrate;
    // kbit/s are bits a millisecond.
    const limit = this.#policy.uploadLimitKbps;
    const [rate, burstMs] = limit === undefined ? [byBitrate, BURST_MS] : [limit / 8, SHORT_BURST_MS];
    this.#bucket.setRate(rate, rate * burstMs, this.#outbox.now);
  }

  #hasRoom(): boolean {
    return this.#inFlightPieces < LEAST_HANDED || this.#inFlightBytes < this.#control.pace * HANDED_MS;
  }

  #handed(upload: Upload, by: 1 | -1): void {
    this.#inFlightPieces += by;
    this.#inFlightBytes += by * bytesOf(upload);
  }

  #lineOf(peer: PeerId): Line {
    let line = this.#lines.get(peer);
    if (line === undefined) this.#lines.set(peer, (line = { inFlight: [], servedAt: 0 }));
    return line;
  }

  #reject(peer: PeerId, segment: SegmentId, pieces: PieceSet, reason: RejectReason): void {
    const { backlogMs } = this;
    this.#outbox.put({ type: 'send', peer, frame: { type: 'reject', segment, pieces, reason, backlogMs } });
  }
}
