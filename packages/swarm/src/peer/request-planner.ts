import { type PeerId, PieceSet } from '@freshet/protocol';
import type { Downlink } from './downlink.ts';
import { inquire } from './inquire.ts';
import type { Neighbour } from './neighbour.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import type { Outbox } from './outbox.ts';
import { hash32 } from './rendezvous.ts';
import type { SegmentBook } from './segment-book.ts';
import type { Asked, SegmentState } from './segment-state.ts';

/** A request is late after this many times its expected duration, but never before LATE_MS without a byte. */
const LATE_FACTOR = 2.5;
const LATE_MS = 700;
/** However steadily it drips, a piece takes no longer than this many times what was expected, or DRIP_MS. */
const DRIP_FACTOR = 5;
const DRIP_MS = 3000;
/** A neighbour that said `busy` is left alone for this long. */
const BUSY_MS = 250;
/** What is asked of a peer should be here this long before the playhead is. */
const MARGIN_MS = 150;

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
    inquire(segment, this.#book, this.#neighbours, this.#outbox);
    // Most often everything is on its way; a piece that is fetched is not, and not held either.
    if (segment.held.size + segment.asked.size >= segment.count) return;
    if (this.#book.isBehindUrgent(segment)) return;
    const leftMs = this.#book.urgency(segment) - this.#outbox.now;
    if (this.#downlink.isTight(segment, leftMs)) return;
    const holders = this.#holders(segment);
    if (holders.length === 0) return;
    for (const [neighbour, pieces] of this.#spread(segment, holders)) {
      const withinMs = Math.max(0, leftMs);
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

  busy(neighbour: Neighbour): void {
    neighbour.busyUntil = this.#outbox.now + BUSY_MS;
  }

  /** The neighbour is gone: all it owed is missing again. */
  lost(peer: PeerId): void {
    for (const segment of this.#book.all()) {
      segment.offers.delete(peer);
      for (const [piece, asked] of segment.asked) if (asked.peer === peer) segment.asked.delete(piece);
    }
  }

  /** Another source brought the piece, or nobody wants it any more: whoever was asked need not send it. */
  cancel(segment: SegmentState, pieces: Iterable<number>): void {
    if (segment.asked.size === 0) return;
    const byPeer = new Map<PeerId, PieceSet>();
    for (const piece of pieces) {
      const asked = segment.asked.get(piece);
      if (asked === undefined) continue;
      this.settle(segment, piece, asked.peer);
      const set = byPeer.get(asked.peer) ?? new PieceSet(segment.count);
      set.add(piece);
      byPeer.set(asked.peer, set);
    }
    for (const [peer, set] of byPeer) {
      this.#outbox.put({ type: 'send', peer, frame: { type: 'cancel', segment: segment.id, pieces: set } });
    }
  }

  #spread(segment: SegmentState, holders: readonly Holder[]): ReadonlyMap<Neighbour, PieceSet> {
    const requests = new Map<Neighbour, PieceSet>();
    const { now } = this.#outbox;
    for (const piece of this.#rarestFirst(segment, holders)) {
      const bytes = segment.bytesOf(piece);
      const best = this.#soonest(segment, holders, piece, bytes);
      if (best === undefined) {
        segment.starved = true;
        continue;
      }
      const expectedAt = best.expectedAt(bytes, now);
      const asked = { peer: best.id, at: now, expectedAt, touchedAt: now };
      segment.asked.set(piece, asked);
      best.asked(bytes, now);
      let pieces = requests.get(best);
      if (pieces === undefined) requests.set(best, (pieces = new PieceSet(segment.count)));
      pieces.add(piece);
      this.#outbox.wakeBy(lateAt(asked));
    }
    // Past its deadline it is asked of whoever has it, however slow.
    if (segment.starved && segment.deadline !== undefined && segment.deadline > now)
      this.#outbox.wakeBy(segment.deadline);
    return requests;
  }

  #holders(segment: SegmentState): readonly Holder[] {
    const holders: Holder[] = [];
    for (const neighbour of this.#neighbours.all()) {
      const pieces = neighbour.piecesOf(segment);
      if (pieces !== undefined) holders.push({ neighbour, pieces });
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
  ): Neighbour | undefined {
    const { now } = this.#outbox;
    // Past the deadline anything is better than nothing: the origin is asked too, and the first to come wins.
    const deadline = segment.deadline ?? Number.POSITIVE_INFINITY;
    const latest = deadline > now ? deadline - MARGIN_MS : Number.POSITIVE_INFINITY;
    let best: Neighbour | undefined;
    let bestAt = latest;
    for (const { neighbour, pieces } of holders) {
      if (!pieces.has(piece)) continue;
      if (now < neighbour.busyUntil) this.#outbox.wakeBy(neighbour.busyUntil);
      if (!neighbour.canTake(bytes, now)) continue;
      const at = neighbour.expectedAt(bytes, now);
      if (at < bestAt || (best === undefined && at === latest)) {
        best = neighbour;
        bestAt = at;
      }
    }
    return best;
  }

  #expire(segment: SegmentState): void {
    const late: number[] = [];
    for (const [piece, asked] of segment.asked) {
      const at = lateAt(asked);
      if (this.#outbox.now < at) {
        this.#outbox.wakeBy(at);
        continue;
      }
      late.push(piece);
      this.#neighbours.get(asked.peer)?.late();
    }
    if (late.length === 0) return;
    this.cancel(segment, late);
    // Whose word counts has changed, for all that is worked on.
    this.#book.touchAll();
    segment.requestPlan.isStale = false;
  }
}

function lateAt(asked: Asked): number {
  const expectedMs = asked.expectedAt - asked.at;
  const silentAt = asked.touchedAt + Math.max(LATE_MS, LATE_FACTOR * expectedMs);
  const dripAt = asked.at + Math.max(DRIP_MS, DRIP_FACTOR * expectedMs);
  return Math.min(silentAt, dripAt);
}
