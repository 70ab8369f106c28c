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
/** What may leave at once after a rest, as milliseconds of the cap. */
const BURST_MS = 1000;

interface Queued {
  readonly segment: SegmentState;
  readonly piece: number;
  readonly deadline: Millis;
}
interface Line {
  readonly queue: Queued[];
  readonly inFlight: Map<string, number>;
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
  readonly #bucket: TokenBucket;
  #policy: Policy;
  #allowed: boolean;
  #given = 0;
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

  allow(allowed: boolean): void {
    this.#allowed = allowed;
  }

  apply(policy: Policy): void {
    this.#policy = policy;
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
    const line = this.#lines.get(peer);
    if (line === undefined) return;
    remove(line.queue, (item) => item.segment.key === segment && pieces.has(item.piece));
  }

  sent(peer: PeerId, segment: SegmentKey, piece: number): void {
    const line = this.#lines.get(peer);
    const bytes = line?.inFlight.get(`${segment} ${piece}`);
    if (line === undefined || bytes === undefined) return;
    line.inFlight.delete(`${segment} ${piece}`);
    this.#given += bytes;
    this.#meter.ended(bytes, this.#outbox.now);
  }

  closed(peer: PeerId): void {
    const line = this.#lines.get(peer);
    this.#lines.delete(peer);
    for (let i = line?.inFlight.size ?? 0; i > 0; i--) this.#meter.ended(0, this.#outbox.now);
  }

  /** Hands to the links what they and the cap will take. */
  plan(): void {
    const now = this.#outbox.now;
    const rate = this.#capBytesPerMs;
    this.#bucket.setRate(rate, rate * BURST_MS, now);
    for (let line = this.#next(); line !== undefined; line = this.#next()) {
      const [peer, { queue, inFlight }] = line;
      const item = takeMostUrgent(queue);
      if (!this.active || !item.segment.held.has(item.piece) || item.deadline < now) {
        const reason = !this.active ? 'refused' : item.deadline < now ? 'busy' : 'absent';
        this.#reject(peer, item.segment.id, PieceSet.of(item.segment.count, [item.piece]), reason);
        continue;
      }
      const bytes = item.segment.bytesOf(item.piece);
      if (!this.#bucket.take(bytes, now)) {
        queue.push(item);
        this.#outbox.wakeBy(this.#bucket.availableAt(now));
        return;
      }
      inFlight.set(`${item.segment.key} ${item.piece}`, bytes);
      line[1].servedAt = ++this.#turn;
      this.#meter.started(now);
      this.#outbox.put({ type: 'send-piece', peer, segment: item.segment.key, piece: item.piece });
    }
  }

  #enqueue(peer: PeerId, segment: SegmentState, piece: number, withinMs: number): boolean {
    let line = this.#lines.get(peer);
    if (line === undefined) this.#lines.set(peer, (line = { queue: [], inFlight: new Map(), servedAt: 0 }));
    // Asked twice for what is already waiting or leaving: one answer serves both.
    if (line.inFlight.has(`${segment.key} ${piece}`)) return true;
    if (line.queue.some((item) => item.segment === segment && item.piece === piece)) return true;
    if (line.queue.length >= MAX_QUEUE) return false;
    const now = this.#outbox.now;
    if (withinMs > 0 && this.#bucket.delayFor(this.#queuedBytes(), now) > withinMs) return false;
    const deadline = withinMs > 0 ? now + withinMs : Number.POSITIVE_INFINITY;
    line.queue.push({ segment, piece, deadline });
    return true;
  }

  #queuedBytes(): number {
    let sum = 0;
    for (const { queue } of this.#lines.values())
      for (const item of queue) sum += item.segment.bytesOf(item.piece);
    return sum;
  }

  #next(): [PeerId, Line] | undefined {
    let next: [PeerId, Line] | undefined;
    for (const entry of this.#lines) {
      const [, line] = entry;
      if (line.queue.length === 0 || line.inFlight.size >= MAX_IN_FLIGHT) continue;
      if (next === undefined || line.servedAt < next[1].servedAt) next = entry;
    }
    return next;
  }

  get #capBytesPerMs(): number {
    const bitrate = this.#book.followedRate;
    const byBitrate = bitrate === undefined ? FIRST_RATE : BITRATE_SHARE * bitrate;
    const uplink = this.#meter.bytesPerMs;
    const byUplink = uplink === undefined ? Number.POSITIVE_INFINITY : UPLINK_SHARE * uplink;
    const limit = this.#policy.uploadLimitKbps;
    // kbit/s are bits a millisecond.
    return limit === undefined ? Math.min(byBitrate, byUplink) : Math.min(limit / 8, byUplink);
  }

  #reject(peer: PeerId, segment: SegmentId, pieces: PieceSet, reason: RejectReason): void {
    this.#outbox.put({ type: 'send', peer, frame: { type: 'reject', segment, pieces, reason } });
  }
}

function takeMostUrgent(queue: Queued[]): Queued {
  let best = 0;
  for (let i = 1; i < queue.length; i++) {
    if ((queue[i]?.deadline ?? 0) < (queue[best]?.deadline ?? 0)) best = i;
  }
  const [item] = queue.splice(best, 1);
  if (item === undefined) throw new Error('takeMostUrgent of an empty queue');
  return item;
}

function remove<T>(list: T[], matches: (item: T) => boolean): void {
  for (let i = list.length - 1; i >= 0; i--) {
    const item = list[i];
    if (item !== undefined && matches(item)) list.splice(i, 1);
  }
}
