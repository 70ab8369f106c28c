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
import type { Feedback } from '../api/peer-event.ts';
import type { SegmentBook } from '../segments/segment-book.ts';
import { addPiece } from '../segments/add-piece.ts';
import { declinedKey } from '../segments/planner-records.ts';
import type { AnnouncedSegment, SegmentState } from '../segments/segment-state.ts';
import { TokenBucket } from './token-bucket.ts';
import { UplinkControl } from './uplink-control.ts';
import { bytesOf, type Upload, UploadQueue } from './upload-queue.ts';

/** Maximum of queued pieces for one neighbour. Further requests are answered `busy`. */
const MAX_QUEUE = 64;
/** A neighbour is sent the same piece at most so often; further requests are answered `absent`. */
const MAX_SENDS = 3;
/** A neighbour that requests a piece more often still is dropped. */
const MAX_REQUESTS = 16;
/** Pieces that one link holds at a time. */
const MAX_IN_FLIGHT = 2;
/** The default cap: this multiple of the stream's bitrate. */
const BITRATE_SHARE = 2;
/** Bytes a millisecond before any bitrate is known: 2 Mbit/s. */
const FIRST_RATE = 250;
/**
 * The burst after a pause, in milliseconds of the cap: a segment of two seconds is sent while it is new, and reaches
 * the viewers behind sooner. Shorter under a broadcaster's limit.
 */
const BURST_MS = 2000;
const SHORT_BURST_MS = 1000;
/**
 * What the host holds, in milliseconds of the pace: enough that it always has a piece whose link accepts more. Other
 * pieces wait here, where they can be reordered and cancelled. The host may always hold two pieces.
 */
const HANDED_MS = 200;
const LEAST_HANDED = 2;
/** A request without a deadline is answered `busy` when it would wait longer than this. */
const MAX_WAIT_MS = 3000;
/** The queue is searched for late pieces at most this often. */
const SWEEP_MS = 50;
const SWEEP_AHEAD_MS = 300;
/** The host gets a new pace when it changed by more than this share. */
const PACE_STEP = 0.02;

/**
 * An uplink that carries less than this of pieces, 80 kbit/s, for this long is not used: it would only delay the requests
 * and acknowledgements of its own viewer. It is tried again after a pause.
 */
const WORTH_GIVING = 10;
const EXHAUSTED_MS = 1000;
const REST_MS = 60_000;

interface Reject {
  readonly peer: PeerId;
  readonly segment: AnnouncedSegment;
  readonly reason: RejectReason;
  readonly pieces: PieceSet;
}

interface Line {
  readonly inFlight: Upload[];
  servedAt: number;
}

/**
 * Answers neighbours' requests: each piece exactly once, by the piece or by a `reject`, unless the neighbour cancels or
 * the link closes. First copies go first, so that neighbours soon have different pieces to exchange; then the deadline
 * decides. A piece that cannot be sent in time is rejected as soon as that is known.
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
  /** Held by the host, over all links. */
  #inFlightPieces = 0;
  #inFlightBytes = 0;
  /** The cap allows no piece before this time, unless it changes. */
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

  /** Whether this viewer uploads: consent, policy, session budget and the capacity of its line allow it. */
  get active(): boolean {
    if (this.#outbox.now < this.#restsUntil) return false;
    const { mode, uploadLimitKbps, uploadBudgetMb } = this.#policy;
    return this.#allowed && mode !== 'off' && uploadLimitKbps !== 0 && this.#given < uploadBudgetMb * 1e6;
  }

  /** Measured capacity of the uplink, as far as it was used; undefined until enough was sent. */
  get uplinkKbps(): number | undefined {
    const rate = this.#control.capacity;
    // A byte a millisecond is 8 kbit/s. In steps of 100, so that it does not change in every report.
    return rate === undefined ? undefined : Math.ceil((rate * 8) / 100) * 100;
  }

  /** How long a request that arrives now waits until the last byte before it is sent. */
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

  /** @returns whether the neighbour requests the same piece again and again, and is to be dropped. */
  requested(
    peer: PeerId,
    segment: SegmentState | undefined,
    id: SegmentId,
    pieces: PieceSet,
    withinMs: number,
  ): boolean {
    if (segment !== undefined) segment.soughtAt = this.#outbox.now;
    const rejects = new Map<RejectReason, PieceSet>();
    let floods = false;
    for (const piece of pieces) {
      let reason: RejectReason | undefined = 'absent';
      if (!this.active) reason = 'refused';
      else if (segment?.state === 'announced' && segment.count === pieces.length && segment.isComing(piece)) {
        reason = this.#enqueue(peer, segment, piece, withinMs);
        floods ||= (segment.given.get(declinedKey(peer, piece)) ?? 0) > MAX_REQUESTS;
      }
      if (reason !== undefined) addPiece(rejects, reason, pieces.length, piece);
    }
    for (const [reason, set] of rejects) this.#reject(peer, id, set, reason);
    return floods;
  }

  cancelled(peer: PeerId, segment: SegmentKey, pieces: PieceSet): void {
    const isIt = (upload: Upload) =>
      upload.peer === peer && upload.segment.key === segment && pieces.has(upload.piece);
    this.#queue.take(isIt);
    for (const { piece } of this.#takeHanded(peer, isIt))
      this.#outbox.put({ type: 'recall-piece', peer, segment, piece });
  }

  sent(peer: PeerId, segment: SegmentKey, piece: number): void {
    const isIt = (upload: Upload) => upload.piece === piece && upload.segment.key === segment;
    for (const upload of this.#takeHanded(peer, isIt)) this.#given += bytesOf(upload);
  }

  feedback(peer: PeerId, feedback: Feedback): void {
    const { now } = this.#outbox;
    this.#control.feedback(peer, feedback, now);
    this.#exhaustedSince = this.#control.isQueuedBelow(WORTH_GIVING)
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
    this.#takeHanded(peer, () => true);
    this.#lines.delete(peer);
  }

  /** Hands pieces to the host as far as the line and the cap allow. */
  plan(): void {
    this.#tellPace();
    if (this.#queue.size === 0) return;
    this.#rejectLate();
    if (this.#outbox.awaits(this.#heldUntil)) return;
    const { now } = this.#outbox;
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
    const { given } = segment;
    for (const key of [piece, declinedKey(peer, piece)]) given.set(key, (given.get(key) ?? 0) + 1);
    this.#handed(upload, 1);
    this.#outbox.put({ type: 'send-piece', peer, segment: segment.key, piece, backlogMs: this.backlogMs });
  }

  /** @returns the reason to reject the piece; undefined: it will be sent. */
  #enqueue(
    peer: PeerId,
    segment: AnnouncedSegment,
    piece: number,
    withinMs: number,
  ): RejectReason | undefined {
    // A repeated request of a piece that is queued or being sent: one answer serves both, also when the segment was
    // discarded in the meantime and is held again as another object.
    const waiting = this.#queue.find(peer, segment.key, piece);
    if (waiting !== undefined) waiting.segment = segment;
    const isIt = (upload: Upload) => upload.piece === piece && upload.segment.key === segment.key;
    if (waiting !== undefined || this.#lineOf(peer).inFlight.some(isIt)) return undefined;
    const { given } = segment;
    const key = declinedKey(peer, piece);
    const times = given.get(key) ?? 0;
    if (times >= MAX_SENDS) {
      given.set(key, times + 1);
      return 'absent';
    }
    if (this.#queue.of(peer) >= MAX_QUEUE) return 'busy';
    const { now } = this.#outbox;
    const deadline = withinMs > 0 ? now + withinMs : Number.POSITIVE_INFINITY;
    const bytes = segment.bytesOf(piece);
    const isFirst = !given.has(piece);
    const before = isFirst ? 0 : this.#queue.bytesBefore(deadline);
    if (this.#waitMs(before + bytes) > (withinMs > 0 ? withinMs : MAX_WAIT_MS)) return 'busy';
    this.#queue.add({ peer, segment, piece, deadline });
    this.#sweepAt = Math.min(this.#sweepAt, Math.max(now, deadline - SWEEP_AHEAD_MS) + SWEEP_MS);
    return undefined;
  }

  /** It is held, and its link accepts more. */
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

  /** Rejects pieces that cannot be sent in time or will never be held: the neighbour can request them elsewhere. */
  #rejectLate(): void {
    if (this.#outbox.awaits(this.#sweepAt)) return;
    const { now } = this.#outbox;
    const { active } = this;
    const reasonOf = ({ segment, piece, deadline }: Upload): RejectReason | undefined => {
      if (!active) return 'refused';
      if (!segment.isComing(piece)) return 'absent';
      return deadline < now + segment.bytesOf(piece) / this.#control.pace ? 'busy' : undefined;
    };
    const rejects = new Map<string, Reject>();
    for (const upload of this.#queue.take((waiting) => reasonOf(waiting) !== undefined)) {
      const { peer, segment, piece } = upload;
      const reason = reasonOf(upload) ?? 'busy';
      const key = `${peer} ${segment.key} ${reason}`;
      let reject = rejects.get(key);
      if (reject === undefined)
        rejects.set(key, (reject = { peer, segment, reason, pieces: new PieceSet(segment.count) }));
      reject.pieces.add(piece);
    }
    for (const { peer, segment, pieces, reason } of rejects.values())
      this.#reject(peer, segment.id, pieces, reason);
    // No piece is late before the earliest deadline is near.
    this.#sweepAt = Math.max(now, this.#queue.earliestDeadline() - SWEEP_AHEAD_MS) + SWEEP_MS;
    this.#outbox.wakeBy(this.#sweepAt);
  }

  /** How long it takes to send so many more bytes. */
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

  /** Removes pieces from those that the host holds. */
  #takeHanded(peer: PeerId, isIt: (upload: Upload) => boolean): readonly Upload[] {
    const line = this.#lines.get(peer);
    const taken = line?.inFlight.filter(isIt) ?? [];
    for (const upload of taken) {
      line?.inFlight.splice(line.inFlight.indexOf(upload), 1);
      this.#handed(upload, -1);
    }
    return taken;
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
    this.#outbox.send(peer, { type: 'reject', segment, pieces, reason, backlogMs });
  }
}
