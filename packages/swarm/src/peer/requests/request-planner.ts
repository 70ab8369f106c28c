import { type Millis, type PeerId, PieceSet } from '@freshet/protocol';
import type { Downlink } from '../estimates/downlink.ts';
import { queryHaves } from './query-haves.ts';
import type { Neighbour } from '../neighbours/neighbour.ts';
import type { Neighbourhood } from '../neighbours/neighbourhood.ts';
import type { Outbox } from '../api/outbox.ts';
import { lastCallAt } from '../origin/origin-rule.ts';
import { hash32 } from '../neighbours/rendezvous.ts';
import type { SegmentBook } from '../segments/segment-book.ts';
import { type Asked, declinedKey, type SegmentState } from '../segments/segment-state.ts';

/** A request is late this long after it was expected, and this part of the time that it was expected to take. */
const LATE_MS = 700;
const LATE_SHARE = 1;
/** But not while its neighbour is heard of: then the line is longer than it was thought to be. */
const HEARD_MS = 1500;
/** A piece that began to come and stopped is late after this time. */
const STOPPED_MS = 1500;
/** However steadily it drips, a piece takes no longer from its first byte than this many times what was expected, or DRIP_MS. */
const DRIP_FACTOR = 5;
const DRIP_MS = 3000;
/** A piece that a neighbour was too busy for is not asked of it again for this time. */
const BUSY_MS = 1000;
/** A request is moved to another neighbour when the piece should come so much sooner from there; */
const WORTH_MOVING_MS = 500;
/** and not before it has waited this long. */
const SETTLED_MS = 300;
/** What is asked of a peer should be here this long before the origin would have to be asked. */
const MARGIN_MS = 50;

interface Holder {
  readonly neighbour: Neighbour;
  readonly pieces: PieceSet;
}

/** Spreads the pieces that are missing over the neighbours that have them, and takes back what does not come. */
export class RequestPlanner {
  readonly #outbox: Outbox;
  readonly #book: SegmentBook;
  readonly #neighbours: Neighbourhood;
  readonly #downlink: Downlink;
  #self: PeerId = '';
  #freed = false;

  constructor(outbox: Outbox, book: SegmentBook, neighbours: Neighbourhood, downlink: Downlink) {
    this.#outbox = outbox;
    this.#book = book;
    this.#neighbours = neighbours;
    this.#downlink = downlink;
  }

  joined(self: PeerId): void {
    this.#self = self;
  }

  /** Requests out of time are taken back, then every idle piece goes to the neighbour that would bring it soonest. */
  plan(segment: SegmentState): void {
    segment.starved = false;
    if (this.#neighbours.size === 0) return;
    this.#expire(segment);
    if (!segment.announced || segment.unverifiable) return;
    queryHaves(segment, this.#book, this.#neighbours, this.#outbox);
    if (segment.asked.size > 0) this.#takeBackFromBusy(segment);
    // Most often everything is on its way; a piece that is fetched is not, and not held either.
    if (segment.held.size + segment.asked.size >= segment.count) return;
    if (this.#downlink.isThin(this.#book.followedRate) && this.#book.isBehindUrgent(segment)) return;
    const leftMs = this.#book.urgency(segment) - this.#outbox.now;
    if (this.#downlink.isTight(segment, leftMs)) return;
    const holders = this.#holders(segment);
    if (holders.length === 0) return;
    const lastCall = this.#lastCall(segment);
    for (const [neighbour, pieces] of this.#spread(segment, holders, lastCall)) {
      const withinMs = Math.max(0, lastCall - MARGIN_MS - this.#outbox.now);
      this.#outbox.put({
        type: 'send',
        peer: neighbour.id,
        frame: {
          type: 'request',
          segment: segment.id,
          pieces,
          withinMs: Number.isFinite(withinMs) ? withinMs : 0,
        },
      });
    }
  }

  /** A neighbour that owes less than before may be asked for what could not be asked for. */
  feedStarved(): void {
    if (!this.#freed) return;
    this.#freed = false;
    for (const segment of this.#book.active()) if (segment.starved) segment.requestPlan.isStale = true;
  }

  /** Forgets that `piece` was asked for, whatever the answer. @returns the request, if it stood. */
  settle(segment: SegmentState, piece: number, peer: PeerId): Asked | undefined {
    const asked = segment.asked.get(piece);
    if (asked?.peer !== peer) return undefined;
    segment.asked.delete(piece);
    this.#freed = true;
    const neighbour = this.#neighbours.get(peer);
    if (neighbour !== undefined) {
      neighbour.askedPieces--;
      neighbour.askedBytes -= segment.bytesOf(piece);
    }
    return asked;
  }

  /** A neighbour will not send the piece: not now, or not at all. */
  declined(segment: SegmentState, piece: number, neighbour: Neighbour, busy: boolean): void {
    const until = busy ? this.#outbox.now + BUSY_MS : Number.POSITIVE_INFINITY;
    segment.declined.set(declinedKey(neighbour.id, piece), until);
  }

  /** The neighbour has these pieces now: those that it lacked may be asked of it again. Those it was too busy for may not. */
  offered(segment: SegmentState, { id }: Neighbour, pieces: Iterable<number>): void {
    for (const piece of pieces) {
      const key = declinedKey(id, piece);
      if (segment.declined.get(key) === Number.POSITIVE_INFINITY) segment.declined.delete(key);
    }
  }

  /** The neighbour is gone: all it owed is missing again. */
  lost(peer: PeerId): void {
    for (const segment of this.#book.all()) {
      segment.offers.delete(peer);
      for (const [piece, asked] of segment.asked) if (asked.peer === peer) segment.asked.delete(piece);
    }
  }

  /**
   * Another source brought the piece, or nobody wants it any more: whoever was asked need not send it.
   * @param late it should have come by now.
   */
  cancel(segment: SegmentState, pieces: Iterable<number>, late = false): void {
    if (segment.asked.size === 0) return;
    const byPeer = new Map<PeerId, PieceSet>();
    for (const piece of pieces) {
      const asked = segment.asked.get(piece);
      if (asked === undefined) continue;
      this.settle(segment, piece, asked.peer);
      if (late) this.#neighbours.get(asked.peer)?.late();
      const set = byPeer.get(asked.peer) ?? new PieceSet(segment.count);
      set.add(piece);
      byPeer.set(asked.peer, set);
    }
    for (const [peer, set] of byPeer) {
      this.#outbox.put({ type: 'send', peer, frame: { type: 'cancel', segment: segment.id, pieces: set } });
    }
  }

  /** What waits long at one neighbour, and would come much sooner from another, is taken back to be asked there. */
  #takeBackFromBusy(segment: SegmentState): void {
    const { now } = this.#outbox;
    const moving: number[] = [];
    let holders: readonly Holder[] | undefined;
    for (const [piece, { peer, at, firstAt }] of segment.asked) {
      if (firstAt !== undefined) continue;
      this.#outbox.wakeBy(Math.max(at, now - SETTLED_MS) + 2 * SETTLED_MS);
      if (now - at < SETTLED_MS) continue;
      const bytes = segment.bytesOf(piece);
      // Somewhere in that neighbour's queue; in the middle, for all that is known.
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

  #lastCall(segment: SegmentState): Millis {
    const needMs = this.#downlink.originNeedMs(segment.missingBytes);
    return lastCallAt(this.#book.urgency(segment), needMs, segment.durationMs);
  }

  #spread(
    segment: SegmentState,
    holders: readonly Holder[],
    lastCall: Millis,
  ): ReadonlyMap<Neighbour, PieceSet> {
    const requests = new Map<Neighbour, PieceSet>();
    const { now } = this.#outbox;
    for (const piece of this.#rarestFirst(segment, holders)) {
      const bytes = segment.bytesOf(piece);
      const best = this.#soonest(segment, holders, piece, bytes, lastCall);
      if (best === undefined) {
        segment.starved = true;
        continue;
      }
      const expectedAt = best.expectedAt(bytes, now);
      const asked = { peer: best.id, at: now, expectedAt, firstAt: undefined, touchedAt: now, frames: 0 };
      segment.asked.set(piece, asked);
      best.asked(bytes, now);
      let pieces = requests.get(best);
      if (pieces === undefined) requests.set(best, (pieces = new PieceSet(segment.count)));
      pieces.add(piece);
      this.#outbox.wakeBy(lateAt(asked, best.heardAt));
    }
    // Past its deadline it is asked of whoever has it, however slow.
    if (segment.starved && segment.deadline !== undefined && segment.deadline > now)
      this.#outbox.wakeBy(segment.deadline);
    return requests;
  }

  /** Neighbours that have pieces, or take them from the origin and will have them soon. */
  #holders(segment: SegmentState): readonly Holder[] {
    const { now } = this.#outbox;
    const promised = new Map<PeerId, PieceSet>();
    for (const [piece, { peer, until }] of segment.elsewhere) {
      if (until <= now || segment.held.has(piece)) continue;
      let pieces = promised.get(peer);
      if (pieces === undefined) promised.set(peer, (pieces = new PieceSet(segment.count)));
      pieces.add(piece);
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

  /** Idle pieces that somebody has. Every viewer starts elsewhere, so that neighbours soon hold different pieces. */
  #rarestFirst(segment: SegmentState, holders: readonly Holder[]): readonly number[] {
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

  #offset(segment: SegmentState): number {
    return (segment.chance ??= hash32(`${segment.key} ${this.#self}`)) % segment.count;
  }

  #soonest(
    segment: SegmentState,
    holders: readonly Holder[],
    piece: number,
    bytes: number,
    lastCall: Millis,
  ): Neighbour | undefined {
    const { now } = this.#outbox;
    // Past it anything is better than nothing: the origin is asked too, and the first to come wins.
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

  #isDeclined(segment: SegmentState, piece: number, neighbour: Neighbour): boolean {
    if (segment.declined.size === 0) return false;
    const until = segment.declined.get(declinedKey(neighbour.id, piece));
    if (until === undefined || until <= this.#outbox.now) return false;
    this.#outbox.wakeBy(until);
    return true;
  }

  #expire(segment: SegmentState): void {
    const late: number[] = [];
    for (const [piece, asked] of segment.asked) {
      const at = lateAt(asked, this.#neighbours.get(asked.peer)?.heardAt ?? 0);
      if (this.#outbox.now < at) {
        this.#outbox.wakeBy(at);
        continue;
      }
      late.push(piece);
    }
    if (late.length === 0) return;
    this.cancel(segment, late, true);
    // Whose word counts has changed, for all that is worked on.
    this.#book.touchAll();
    segment.requestPlan.isStale = false;
  }
}

function lateAt({ at, expectedAt, firstAt, touchedAt }: Asked, heardAt: Millis): Millis {
  const expectedMs = expectedAt - at;
  if (firstAt === undefined)
    return Math.max(expectedAt + Math.max(LATE_MS, LATE_SHARE * expectedMs), heardAt + HEARD_MS);
  const dripAt = firstAt + Math.max(DRIP_MS, DRIP_FACTOR * expectedMs);
  return Math.min(touchedAt + STOPPED_MS, dripAt);
}
