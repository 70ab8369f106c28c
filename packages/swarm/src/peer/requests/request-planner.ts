import type { ControlFrame, Millis, PeerId, PieceSet } from '@freshet/protocol';
import type { Downlink } from '../estimates/downlink.ts';
import { queryHaves } from './query-haves.ts';
import type { Neighbour } from '../neighbours/neighbour.ts';
import type { Neighbourhood } from '../neighbours/neighbourhood.ts';
import type { Outbox } from '../api/outbox.ts';
import type { PeerEvent } from '../api/peer-event.ts';
import { lastCallAt } from '../estimates/lead-time.ts';
import { hash32 } from '../neighbours/rendezvous.ts';
import type { SegmentBook } from '../segments/segment-book.ts';
import { addPiece } from '../segments/add-piece.ts';
import { type Asked, declinedKey } from '../segments/planner-records.ts';
import type { AnnouncedSegment, SegmentState } from '../segments/segment-state.ts';

/** A request is late this long after its expected arrival, or this share of its expected duration if that is more, */
const LATE_MS = 700;
const LATE_SHARE = 1;
/** but not within this time after a sign of life from its neighbour: then the line is slower than expected. */
const HEARD_MS = 1500;
/** A piece that began to arrive and stalled is late after this time. */
const STOPPED_MS = 1500;
/** The longest time from a piece's first byte to its last: this multiple of the expected duration, at least DRIP_MS. */
const DRIP_FACTOR = 5;
const DRIP_MS = 3000;
/** How long a piece that a neighbour rejected as `busy` is not requested from it again. */
const BUSY_MS = 1000;
/** A request moves to another neighbour when the piece should arrive this much sooner from there, */
const WORTH_MOVING_MS = 500;
/** but not before it has waited this long. */
const SETTLED_MS = 300;
/** A requested piece should arrive this long before the transfer from the origin would have to start. */
const MARGIN_MS = 50;

interface Holder {
  readonly neighbour: Neighbour;
  readonly pieces: PieceSet;
}

/** Requests missing pieces from the neighbours that have them, and cancels requests that are late. */
export class RequestPlanner {
  readonly #outbox: Outbox;
  readonly #book: SegmentBook;
  readonly #neighbours: Neighbourhood;
  readonly #downlink: Downlink;
  #freed = false;

  constructor(outbox: Outbox, book: SegmentBook, neighbours: Neighbourhood, downlink: Downlink) {
    this.#outbox = outbox;
    this.#book = book;
    this.#neighbours = neighbours;
    this.#downlink = downlink;
  }

  /** Cancels late requests, then requests every idle piece from the neighbour that should deliver it soonest. */
  plan(segment: AnnouncedSegment): void {
    segment.requests.starved = false;
    if (this.#neighbours.size === 0) return;
    this.#expire(segment);
    if (segment.origin.unverifiable) return;
    queryHaves(segment, this.#book, this.#neighbours, this.#outbox);
    if (segment.requests.asked.size > 0) this.#takeBackFromBusy(segment);
    // In most cases all missing pieces are requested. Pieces that come from the origin are neither held nor requested.
    if (segment.held.size + segment.requests.asked.size >= segment.count) return;
    if (this.#downlink.isThin(this.#book.followedRate) && this.#book.isBehindUrgent(segment)) return;
    const leftMs = this.#book.urgency(segment) - this.#outbox.now;
    if (this.#downlink.isTight(segment, leftMs)) return;
    const holders = this.#holders(segment);
    if (holders.length === 0) return;
    const lastCall = this.#lastCall(segment);
    for (const [neighbour, pieces] of this.#spread(segment, holders, lastCall)) {
      const withinMs = Math.max(0, lastCall - MARGIN_MS - this.#outbox.now);
      this.#outbox.send(neighbour.id, {
        type: 'request',
        segment: segment.id,
        pieces,
        withinMs: Number.isFinite(withinMs) ? withinMs : 0,
      });
    }
  }

  /** A request was settled: pieces that no neighbour could take before may be requested now. */
  feedStarved(): void {
    if (!this.#freed) return;
    this.#freed = false;
    for (const segment of this.#book.active())
      if (segment.state === 'announced' && segment.requests.starved) segment.requests.planAt = 0;
  }

  /** Removes the request of a piece from the peer. @returns the request; undefined if there was none. */
  settle(segment: AnnouncedSegment, piece: number, peer: PeerId): Asked | undefined {
    const asked = segment.requests.asked.get(piece);
    if (asked?.peer !== peer) return undefined;
    segment.requests.asked.delete(piece);
    this.#freed = true;
    const neighbour = this.#neighbours.get(peer);
    if (neighbour !== undefined) {
      neighbour.askedPieces--;
      neighbour.askedBytes -= segment.bytesOf(piece);
    }
    return asked;
  }

  /** A piece arrived. @returns its request; undefined if there was none. */
  arrived(segment: AnnouncedSegment, piece: number, peer: PeerId): Asked | undefined {
    segment.requests.planAt = 0;
    return this.settle(segment, piece, peer);
  }

  /** Bytes of a requested piece arrived, but not its last. */
  progress(
    segment: SegmentState | undefined,
    { peer, piece }: Extract<PeerEvent, { type: 'piece-progress' }>,
  ): void {
    const asked = segment?.state === 'announced' ? segment.requests.asked.get(piece) : undefined;
    if (asked?.peer !== peer) return;
    const { now } = this.#outbox;
    if (asked.firstAt === undefined) {
      asked.firstAt = now;
      this.#neighbours.get(peer)?.begins(asked, now);
    }
    asked.frames++;
    asked.touchedAt = now;
  }

  /** The neighbour will not send these pieces now, or not at all. */
  rejected(
    segment: AnnouncedSegment,
    neighbour: Neighbour,
    { pieces, reason }: Extract<ControlFrame, { type: 'reject' }>,
  ): void {
    const until = reason === 'busy' ? this.#outbox.now + BUSY_MS : Number.POSITIVE_INFINITY;
    for (const piece of pieces) {
      this.settle(segment, piece, neighbour.id);
      if (reason !== 'refused') segment.requests.declined.set(declinedKey(neighbour.id, piece), until);
    }
  }

  /**
   * The neighbour has `pieces` now, instead of `before`. Pieces that it lacked may be requested from it again, but not
   * those that it was too busy for. @returns whether a plan depends on the difference.
   */
  offered(
    segment: AnnouncedSegment,
    { id }: Neighbour,
    before: PieceSet | undefined,
    pieces: PieceSet,
  ): boolean {
    const { requests } = segment;
    if (requests.declined.size > 0)
      for (const piece of pieces) {
        const key = declinedKey(id, piece);
        if (requests.declined.get(key) === Number.POSITIVE_INFINITY) requests.declined.delete(key);
      }
    let moved = false;
    for (let piece = 0; piece < segment.count; piece++) {
      const had = before?.has(piece) === true;
      if (had === pieces.has(piece) || !segment.isIdle(piece)) continue;
      moved = true;
      requests.planAt = 0;
      if (had) segment.touch();
      else requests.offeredAt = this.#outbox.now;
    }
    return moved;
  }

  /**
   * Cancels the requests of pieces that another source brought, or that are not needed any more.
   * @param pieces default: all requested ones.
   * @param late they should have arrived by now.
   */
  cancel(
    segment: AnnouncedSegment,
    pieces: Iterable<number> = segment.requests.asked.keys(),
    late = false,
  ): void {
    if (segment.requests.asked.size === 0) return;
    const byPeer = new Map<PeerId, PieceSet>();
    for (const piece of pieces) {
      const asked = segment.requests.asked.get(piece);
      if (asked === undefined) continue;
      this.settle(segment, piece, asked.peer);
      if (late) this.#neighbours.get(asked.peer)?.late();
      addPiece(byPeer, asked.peer, segment.count, piece);
    }
    for (const [peer, set] of byPeer) {
      this.#outbox.send(peer, { type: 'cancel', segment: segment.id, pieces: set });
    }
  }

  /** Cancels requests that wait long at one neighbour and would be answered much sooner by another. */
  #takeBackFromBusy(segment: AnnouncedSegment): void {
    const { now } = this.#outbox;
    const moving: number[] = [];
    let holders: readonly Holder[] | undefined;
    for (const [piece, { peer, at, firstAt }] of segment.requests.asked) {
      if (firstAt !== undefined) continue;
      this.#outbox.wakeBy(Math.max(at, now - SETTLED_MS) + 2 * SETTLED_MS);
      if (now - at < SETTLED_MS) continue;
      const bytes = segment.bytesOf(piece);
      // Its place in the neighbour's queue is not known: assume the middle.
      const waitMs = ((this.#neighbours.get(peer)?.freeAt ?? now) - now) / 2;
      if (waitMs < WORTH_MOVING_MS) continue;
      const isSooner = ({ neighbour, pieces }: Holder) =>
        neighbour.id !== peer &&
        pieces.has(piece) &&
        neighbour.canTake &&
        !this.#isDeclined(segment, piece, neighbour) &&
        neighbour.expectedAt(bytes, now) + WORTH_MOVING_MS < now + waitMs;
      holders ??= this.#holders(segment);
      if (holders.some(isSooner)) moving.push(piece);
    }
    if (moving.length > 0) this.cancel(segment, moving);
  }

  #lastCall(segment: AnnouncedSegment): Millis {
    const needMs = this.#downlink.originNeedMs(segment.missingBytes);
    return lastCallAt(this.#book.urgency(segment), needMs, segment.durationMs);
  }

  #spread(
    segment: AnnouncedSegment,
    holders: readonly Holder[],
    lastCall: Millis,
  ): ReadonlyMap<Neighbour, PieceSet> {
    const requests = new Map<Neighbour, PieceSet>();
    const { now } = this.#outbox;
    for (const piece of this.#rarestFirst(segment, holders)) {
      const bytes = segment.bytesOf(piece);
      const best = this.#soonest(segment, holders, piece, bytes, lastCall);
      if (best === undefined) {
        segment.requests.starved = true;
        continue;
      }
      const expectedAt = best.expectedAt(bytes, now);
      const asked = { peer: best.id, at: now, expectedAt, firstAt: undefined, touchedAt: now, frames: 0 };
      segment.requests.asked.set(piece, asked);
      best.asked(bytes, now);
      addPiece(requests, best, segment.count, piece);
      this.#outbox.wakeBy(lateAt(asked, best.heardAt));
    }
    // After the deadline a piece is requested from any neighbour that has it, however slow.
    if (segment.requests.starved && segment.deadline !== undefined && segment.deadline > now)
      this.#outbox.wakeBy(segment.deadline);
    return requests;
  }

  /** Neighbours that have pieces, or are fetching them from the origin and will have them soon. */
  #holders(segment: AnnouncedSegment): readonly Holder[] {
    const { now } = this.#outbox;
    const promised = new Map<PeerId, PieceSet>();
    for (const [piece, { peer, until }] of segment.origin.elsewhere) {
      if (until > now && !segment.held.has(piece)) addPiece(promised, peer, segment.count, piece);
    }
    const holders: Holder[] = [];
    for (const neighbour of this.#neighbours.all()) {
      const had = neighbour.piecesOf(segment);
      const pieces = promised.get(neighbour.id);
      if (pieces !== undefined) for (const piece of had ?? []) pieces.add(piece);
      const all = pieces ?? had;
      if (all !== undefined) holders.push({ neighbour, pieces: all });
    }
    return holders;
  }

  /** Idle pieces that a neighbour has. Viewers start at different pieces, so that they soon hold different ones. */
  #rarestFirst(segment: AnnouncedSegment, holders: readonly Holder[]): readonly number[] {
    const { count } = segment;
    const offset = this.#offset(segment);
    const byCount: number[][] = [];
    for (let i = 0; i < count; i++) {
      const piece = (i + offset) % count;
      if (!segment.isIdle(piece)) continue;
      let have = 0;
      for (const { pieces } of holders) if (pieces.has(piece)) have++;
      if (have > 0) (byCount[have] ??= []).push(piece);
    }
    return byCount.flat();
  }

  #offset(segment: AnnouncedSegment): number {
    return (
      (segment.requests.chance ??= hash32(`${segment.key} ${this.#neighbours.self ?? ''}`)) % segment.count
    );
  }

  #soonest(
    segment: AnnouncedSegment,
    holders: readonly Holder[],
    piece: number,
    bytes: number,
    lastCall: Millis,
  ): Neighbour | undefined {
    const { now } = this.#outbox;
    // After the last call the origin is used as well: request from any neighbour, and the first to deliver wins.
    const latest = lastCall > now ? lastCall : Number.POSITIVE_INFINITY;
    let best: Neighbour | undefined;
    let bestAt = latest;
    for (const { neighbour, pieces } of holders) {
      if (!pieces.has(piece) || !neighbour.canTake || this.#isDeclined(segment, piece, neighbour)) continue;
      const at = neighbour.expectedAt(bytes, now);
      if (at < bestAt || (best === undefined && at === latest)) {
        best = neighbour;
        bestAt = at;
      }
    }
    return best;
  }

  #isDeclined(segment: AnnouncedSegment, piece: number, neighbour: Neighbour): boolean {
    if (segment.requests.declined.size === 0) return false;
    const until = segment.requests.declined.get(declinedKey(neighbour.id, piece));
    return until !== undefined && this.#outbox.awaits(until);
  }

  #expire(segment: AnnouncedSegment): void {
    const late: number[] = [];
    for (const [piece, asked] of segment.requests.asked) {
      const at = lateAt(asked, this.#neighbours.get(asked.peer)?.heardAt ?? 0);
      if (!this.#outbox.awaits(at)) late.push(piece);
    }
    if (late.length === 0) return;
    this.cancel(segment, late, true);
    // The neighbours' credibility changed, which every plan depends on.
    this.#book.touchAll();
  }
}

function lateAt({ at, expectedAt, firstAt, touchedAt }: Asked, heardAt: Millis): Millis {
  const expectedMs = expectedAt - at;
  if (firstAt === undefined)
    return Math.max(expectedAt + Math.max(LATE_MS, LATE_SHARE * expectedMs), heardAt + HEARD_MS);
  const dripAt = firstAt + Math.max(DRIP_MS, DRIP_FACTOR * expectedMs);
  return Math.min(touchedAt + STOPPED_MS, dripAt);
}
