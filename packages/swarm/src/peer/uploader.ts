import {
  type Millis,
  type PeerId,
  PieceSet,
  type Policy,
  type RejectReason,
  type SegmentId,
  type SegmentKey,
} from '@freshet/protocol';
import type { Outbox } from './outbox.ts';
import { RoundTrips } from './round-trips.ts';
import type { SegmentBook } from './segment-book.ts';
import type { SegmentState } from './segment-state.ts';
import { TokenBucket } from './token-bucket.ts';
import { UplinkMeter } from './uplink-meter.ts';

/** Pieces that one neighbour may have waiting here. What is more is answered `busy`. */
const MAX_QUEUE = 64;
/** Pieces handed to one link at a time: enough to keep it busy, little enough to change one's mind. */
const MAX_IN_FLIGHT = 2;
/** Default cap: this many times the stream's bitrate, and this share of the measured uplink. */
const BITRATE_SHARE = 2;
const UPLINK_SHARE = 0.5;
/** Bytes a millisecond before any bitrate is known: 2 Mbit/s. */
const FIRST_RATE = 250;
/**
 * What may leave at once after a rest, as milliseconds of the cap: what a segment of two seconds costs goes out while it
 * is new, and reaches those behind sooner. Under a broadcaster's limit less; on a thin line too, or a burst fills it for whoever else uses it.
 */
const BURST_MS = 2000;
const SHORT_BURST_MS = 1000;
/** What would wait longer than this is answered `busy`: the asker finds a faster neighbour, or comes again. */
const MAX_WAIT_MS = 500;
/**
 * Handed to all links together, as milliseconds of the measured uplink; before it is measured, in bytes. More would
 * only wait in the channels, where it cannot be called off any more. One piece may always leave.
 */
const IN_FLIGHT_MS = 200;
const FIRST_IN_FLIGHT = 64 * 1024;

interface Queued {
  segment: SegmentState;
  readonly piece: number;
  readonly deadline: Millis;
}
interface Line {
  readonly peer: PeerId;
  readonly queue: Queued[];
  /** On the link: at most MAX_IN_FLIGHT. */
  readonly inFlight: Queued[];
  servedAt: number;
}

/**
 * Answers neighbours' requests: each piece exactly once, by sending it or by a `reject`, unless the asker cancels or
 * the link closes. Least recently served neighbour first, and for each its most urgent piece.
 */
export class Uploader {
  readonly #outbox: Outbox;
  readonly #book: SegmentBook;
  readonly #lines = new Map<PeerId, Line>();
  readonly #meter = new UplinkMeter();
  readonly #roundTrips = new RoundTrips();
  readonly #bucket: TokenBucket;
  #policy: Policy;
  #allowed: boolean;
  #given = 0;
  /** Of all that wait in all queues. */
  #queuedPieces = 0;
  #queuedBytes = 0;
  /** Handed to all links. */
  #inFlightBytes = 0;
  /** The cap lets nothing out before this time, unless it changes. */
  #heldUntil: Millis = 0;
  #turn = 0;

  constructor(outbox: Outbox, book: SegmentBook, policy: Policy, allowed: boolean, now: Millis) {
    this.#outbox = outbox;
    this.#book = book;
    this.#policy = policy;
    this.#allowed = allowed;
    this.#bucket = new TokenBucket(FIRST_RATE, FIRST_RATE * BURST_MS, now);
  }

  /** Whether this viewer gives: it may, the policy lets it, and its session budget is not spent. */
  get active(): boolean {
    const { mode, uploadLimitKbps, uploadBudgetMb } = this.#policy;
    return this.#allowed && mode !== 'off' && uploadLimitKbps !== 0 && this.#given < uploadBudgetMb * 1e6;
  }

  /** The measured uplink, as far as it may be used now; undefined until enough was sent. */
  get uplinkKbps(): number | undefined {
    const rate = this.#meter.bytesPerMs;
    // A byte a millisecond is 8 kbit/s. In steps of 100, so that it is no news in every report.
    return rate === undefined ? undefined : Math.ceil((rate * this.#roundTrips.share * 8) / 100) * 100;
  }

  allow(allowed: boolean): void {
    this.#allowed = allowed;
    this.#heldUntil = 0;
  }

  apply(policy: Policy): void {
    this.#policy = policy;
    this.#heldUntil = 0;
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
      else if (segment?.count !== pieces.length || !segment.held.has(piece)) reject(piece, 'absent');
      else if (!this.#enqueue(peer, segment, piece, withinMs)) reject(piece, 'busy');
    }
    for (const [reason, set] of rejects) this.#reject(peer, id, set, reason);
  }

  cancelled(peer: PeerId, segment: SegmentKey, pieces: PieceSet): void {
    const queue = this.#lines.get(peer)?.queue ?? [];
    for (let i = queue.length - 1; i >= 0; i--) {
      const item = queue[i];
      if (item?.segment.key === segment && pieces.has(item.piece)) this.#unqueue(queue, i);
    }
  }

  /** @param roundTrip of the link, if it was measured since the last piece. */
  sent(peer: PeerId, segment: SegmentKey, piece: number, roundTrip?: Millis): void {
    if (roundTrip !== undefined) this.#roundTrips.measured(peer, roundTrip, this.#outbox.now);
    const inFlight = this.#lines.get(peer)?.inFlight ?? [];
    const at = inFlight.findIndex((item) => item.piece === piece && item.segment.key === segment);
    const [item] = at < 0 ? [] : inFlight.splice(at, 1);
    if (item === undefined) return;
    const bytes = item.segment.bytesOf(piece);
    this.#given += bytes;
    this.#inFlightBytes -= bytes;
    this.#meter.ended(bytes, this.#outbox.now);
  }

  closed(peer: PeerId): void {
    this.#roundTrips.closed(peer);
    const line = this.#lines.get(peer);
    if (line === undefined) return;
    this.#lines.delete(peer);
    while (line.queue.length > 0) this.#unqueue(line.queue, 0);
    for (const { segment, piece } of line.inFlight) {
      this.#inFlightBytes -= segment.bytesOf(piece);
      this.#meter.ended(0, this.#outbox.now);
    }
  }

  /** Hands to the links what they and the cap will take. */
  plan(): void {
    if (this.#queuedPieces === 0) return;
    const now = this.#outbox.now;
    if (now < this.#heldUntil) {
      this.#outbox.wakeBy(this.#heldUntil);
      return;
    }
    this.#setCap();
    for (let line = this.#next(); line !== undefined; line = this.#next()) {
      const { peer, queue, inFlight } = line;
      const at = mostUrgent(queue);
      const item = queue[at];
      if (item === undefined) throw new Error(`nothing at ${at} of a queue of ${queue.length}`);
      if (!this.active || !item.segment.held.has(item.piece) || item.deadline < now) {
        const reason = !this.active ? 'refused' : item.deadline < now ? 'busy' : 'absent';
        this.#unqueue(queue, at);
        this.#reject(peer, item.segment.id, PieceSet.of(item.segment.count, [item.piece]), reason);
        continue;
      }
      const bytes = item.segment.bytesOf(item.piece);
      if (!this.#hasRoomFor(bytes)) return;
      if (!this.#bucket.take(bytes, now)) {
        this.#heldUntil = this.#bucket.availableAt(now);
        this.#outbox.wakeBy(this.#heldUntil);
        return;
      }
      this.#unqueue(queue, at);
      inFlight.push(item);
      this.#inFlightBytes += bytes;
      line.servedAt = ++this.#turn;
      this.#meter.started(now);
      this.#outbox.put({ type: 'send-piece', peer, segment: item.segment.key, piece: item.piece });
    }
  }

  #enqueue(peer: PeerId, segment: SegmentState, piece: number, withinMs: number): boolean {
    let line = this.#lines.get(peer);
    if (line === undefined) this.#lines.set(peer, (line = { peer, queue: [], inFlight: [], servedAt: 0 }));
    // Asked twice for what is already waiting or leaving: one answer serves both, also when the segment was forgotten
    // and is held again meanwhile, as another object.
    const isIt = (item: Queued) => item.piece === piece && item.segment.key === segment.key;
    const waiting = line.queue.find(isIt);
    if (waiting !== undefined) waiting.segment = segment;
    if (waiting !== undefined || line.inFlight.some(isIt)) return true;
    if (line.queue.length >= MAX_QUEUE) return false;
    const now = this.#outbox.now;
    if (withinMs > 0 && this.#bucket.delayFor(this.#queuedBytes, now) > Math.min(withinMs, MAX_WAIT_MS))
      return false;
    const deadline = withinMs > 0 ? now + withinMs : Number.POSITIVE_INFINITY;
    line.queue.push({ segment, piece, deadline });
    this.#queuedPieces++;
    this.#queuedBytes += segment.bytesOf(piece);
    return true;
  }

  #unqueue(queue: Queued[], at: number): void {
    for (const { segment, piece } of queue.splice(at, 1)) {
      this.#queuedPieces--;
      this.#queuedBytes -= segment.bytesOf(piece);
    }
  }

  /** Of those who wait and whose link takes more: the one served longest ago. */
  #next(): Line | undefined {
    let next: Line | undefined;
    for (const line of this.#lines.values()) {
      if (line.queue.length === 0 || line.inFlight.length >= MAX_IN_FLIGHT) continue;
      if (next === undefined || line.servedAt < next.servedAt) next = line;
    }
    return next;
  }

  #setCap(): void {
    const bitrate = this.#book.followedRate;
    const byBitrate = bitrate === undefined ? FIRST_RATE : BITRATE_SHARE * bitrate;
    const uplink = this.#meter.bytesPerMs;
    const byUplink = uplink === undefined ? Number.POSITIVE_INFINITY : UPLINK_SHARE * uplink;
    // kbit/s are bits a millisecond.
    const limit = this.#policy.uploadLimitKbps;
    const [wished, burstMs] = limit === undefined ? [byBitrate, BURST_MS] : [limit / 8, SHORT_BURST_MS];
    const burst = Math.min(wished * burstMs, byUplink * SHORT_BURST_MS);
    const { share } = this.#roundTrips;
    this.#bucket.setRate(Math.min(wished, byUplink) * share, burst * share, this.#outbox.now);
  }

  /** Whether the links together will take so much more. */
  #hasRoomFor(bytes: number): boolean {
    const uplink = this.#meter.bytesPerMs;
    const most = uplink === undefined ? FIRST_IN_FLIGHT : uplink * IN_FLIGHT_MS;
    return this.#inFlightBytes === 0 || this.#inFlightBytes + bytes <= most;
  }

  #reject(peer: PeerId, segment: SegmentId, pieces: PieceSet, reason: RejectReason): void {
    this.#outbox.put({ type: 'send', peer, frame: { type: 'reject', segment, pieces, reason } });
  }
}

function mostUrgent(queue: readonly Queued[]): number {
  let best = 0;
  for (let i = 1; i < queue.length; i++) {
    if ((queue[i]?.deadline ?? 0) < (queue[best]?.deadline ?? 0)) best = i;
  }
  return best;
}
