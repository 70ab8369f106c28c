import { type PeerId, PieceSet } from '@freshet/protocol';
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

/** Spreads the pieces that are missing over the neighbours that have them, and takes back what does not come. */
export class RequestPlanner {
  readonly #outbox: Outbox;
  readonly #book: SegmentBook;
  readonly #neighbours: Neighbourhood;
  #self: PeerId = '';

  constructor(outbox: Outbox, book: SegmentBook, neighbours: Neighbourhood) {
    this.#outbox = outbox;
    this.#book = book;
    this.#neighbours = neighbours;
  }

  joined(self: PeerId): void {
    this.#self = self;
  }

  /**
   * Requests out of time are taken back, then every idle piece goes to the neighbour that would bring it soonest.
   * @returns neighbours that have been silent for too long to be kept.
   */
  plan(): ReadonlySet<PeerId> {
    const silent = new Set<PeerId>();
    if (this.#neighbours.size === 0) return silent;
    for (const neighbour of this.#neighbours.all())
      if (this.#neighbours.isSilent(neighbour)) silent.add(neighbour.id);
    for (const segment of this.#book.active()) {
      this.#expire(segment);
      if (!segment.announced || segment.unverifiable) continue;
      for (const [neighbour, pieces] of this.#spread(segment)) {
        const withinMs = Math.max(0, this.#book.urgency(segment) - this.#outbox.now);
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
    return silent;
  }

  /** Forgets that `piece` was asked for, whatever the answer. @returns the request, if it stood. */
  settle(segment: SegmentState, piece: number, peer: PeerId): Asked | undefined {
    const asked = segment.asked.get(piece);
    if (asked?.peer !== peer) return undefined;
    segment.asked.delete(piece);
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
      for (const [piece, asked] of segment.asked) if (asked.peer === peer) segment.asked.delete(piece);
    }
  }

  /** Another source brought the piece, or nobody wants it any more: whoever was asked need not send it. */
  cancel(segment: SegmentState, pieces: Iterable<number>): void {
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

  #spread(segment: SegmentState): Map<Neighbour, PieceSet> {
    const requests = new Map<Neighbour, PieceSet>();
    // Every viewer starts elsewhere in the segment, so that neighbours soon hold different pieces.
    const offset = hash32(`${segment.key} ${this.#self}`) % segment.count;
    for (const piece of this.#rarestFirst(segment, offset)) {
      const best = this.#soonest(segment, piece);
      if (best === undefined) continue;
      const now = this.#outbox.now;
      const bytes = segment.bytesOf(piece);
      segment.asked.set(piece, {
        peer: best.id,
        at: now,
        expectedAt: best.expectedAt(bytes, now),
        touchedAt: now,
      });
      best.asked(bytes, now);
      const pieces = requests.get(best) ?? new PieceSet(segment.count);
      pieces.add(piece);
      requests.set(best, pieces);
      this.#watch(segment, piece);
    }
    return requests;
  }

  #rarestFirst(segment: SegmentState, offset: number): readonly number[] {
    const holders = new Map<number, number>();
    for (const piece of segment.idlePieces(offset)) {
      let count = 0;
      for (const neighbour of this.#neighbours.all()) if (neighbour.has(segment, piece)) count++;
      if (count > 0) holders.set(piece, count);
    }
    return [...holders.keys()].sort((a, b) => (holders.get(a) ?? 0) - (holders.get(b) ?? 0));
  }

  #soonest(segment: SegmentState, piece: number): Neighbour | undefined {
    const bytes = segment.bytesOf(piece);
    const now = this.#outbox.now;
    // Past the deadline anything is better than nothing: the origin is asked too, and the first to come wins.
    const deadline = segment.deadline ?? Number.POSITIVE_INFINITY;
    const latest = deadline > now ? deadline - MARGIN_MS : Number.POSITIVE_INFINITY;
    let best: Neighbour | undefined;
    let bestAt = latest;
    for (const neighbour of this.#neighbours.all()) {
      if (!neighbour.has(segment, piece)) continue;
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
      if (this.#outbox.now < lateAt(asked)) {
        this.#watch(segment, piece);
        continue;
      }
      late.push(piece);
      this.#neighbours.get(asked.peer)?.late();
    }
    this.cancel(segment, late);
  }

  #watch(segment: SegmentState, piece: number): void {
    const asked = segment.asked.get(piece);
    if (asked !== undefined) this.#outbox.wakeBy(lateAt(asked));
  }
}

function lateAt(asked: Asked): number {
  const expectedMs = asked.expectedAt - asked.at;
  const silentAt = asked.touchedAt + Math.max(LATE_MS, LATE_FACTOR * expectedMs);
  const dripAt = asked.at + Math.max(DRIP_MS, DRIP_FACTOR * expectedMs);
  return Math.min(silentAt, dripAt);
}
