import { LIMITS, type Millis, type PeerId, type Policy } from '@freshet/protocol';
import { Neighbour } from './neighbour.ts';
import type { Outbox } from '../api/outbox.ts';
import type { HangUpReason } from '../api/peer-command.ts';
import type { SegmentState } from '../segments/segment-state.ts';

/** Bad pieces from one neighbour before it is dropped. One can be a broken memory; two are a polluter. */
const BAD_PIECES_ALLOWED = 1;
/** Peers never linked again in this session; the oldest is forgiven when there are more. */
const MAX_BLACKLIST = 256;
/** A neighbour that let requests run out of time and answered none of them for this long is as good as gone. */
const SILENT_MS = 8000;

/** A full viewer gives the seat of a neighbour to another when no piece went between them for this long, ... */
const IDLE_MS = 30_000;
/** ... and one seat in this time at most, so that nobody is left by all at once. */
const REPLACE_MS = 10_000;

/**
 * A newcomer dials when its player plays, or this long after it met somebody: a connection costs the page tens of
 * milliseconds, and the first picture waits for the same thread and the same network.
 */
const START_WITHIN_MS = 2000;
/** Offers in the making at a time. The next goes out when one is answered, so a slow machine takes its time. */
const OFFERS_AT_ONCE = 2;
/** So many links are made as fast as they come about, since the first pieces wait for them; then one in this time. */
const FIRST_LINKS = 4;
const NEXT_LINK_MS = 1000;
/** Whoever got no offer in this time no longer waits for one; the tracker introduces others. */
const OFFER_WITHIN_MS = 10_000;

/** A new neighbour tells at once what it has; it takes this long at most to be here. */
const GREETING_MS = 300;

/** Who this viewer is linked to, dials, is about to dial, or will not have. */
export class Neighbourhood {
  readonly #outbox: Outbox;
  readonly #open = new Map<PeerId, Neighbour>();
  readonly #dialling = new Set<PeerId>();
  /** Those of `#dialling` that this side offers to. */
  readonly #offers = new Set<PeerId>();
  /** Introduced and to be offered to, in this order: when they were introduced. */
  readonly #queue = new Map<PeerId, Millis>();
  readonly #blacklist = new Set<PeerId>();
  #policy: Policy;
  #started = false;
  #offeredAt: Millis = 0;
  #replacedAt: Millis = 0;

  constructor(outbox: Outbox, policy: Policy) {
    this.#outbox = outbox;
    this.#policy = policy;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Links are being made: waiting a moment for them may pay. */
  get dialling(): boolean {
    return this.#coming > 0;
  }

  get seeking(): boolean {
    return this.#policy.mode !== 'off' && this.#open.size + this.#coming < this.#seats;
  }

  /** Until when the newest neighbour's first word may still come. */
  get greetedAt(): Millis {
    let newest = Number.NEGATIVE_INFINITY;
    for (const { openedAt } of this.#open.values()) newest = Math.max(newest, openedAt);
    return newest + GREETING_MS;
  }

  /** Open links and those to come. */
  get everyone(): readonly PeerId[] {
    return [...this.#open.keys(), ...this.#dialling, ...this.#queue.keys()];
  }

  get ids(): readonly PeerId[] {
    return [...this.#open.keys()];
  }

  get(peer: PeerId): Neighbour | undefined {
    return this.#open.get(peer);
  }

  all(): Iterable<Neighbour> {
    return this.#open.values();
  }

  apply(policy: Policy): void {
    this.#policy = policy;
  }

  introduced(peer: PeerId, initiator: boolean): void {
    if (this.#policy.mode === 'off' || this.#blacklist.has(peer)) return;
    if (this.#open.has(peer) || this.#dialling.has(peer)) return;
    const seats = Math.min(this.#seats + LIMITS.spareSeats, LIMITS.neighbours);
    this.#queue.delete(peer);
    if (this.#open.size + this.#coming >= seats) return;
    if (initiator) this.#queue.set(peer, this.#outbox.now);
    else this.#dial(peer, false);
  }

  /** The player plays. */
  started(): void {
    this.#started = true;
  }

  plan(): void {
    for (const [peer, introducedAt] of this.#queue) {
      const startAt = introducedAt + START_WITHIN_MS;
      if (this.#outbox.now >= startAt) this.#started = true;
      if (!this.#started) this.#outbox.wakeBy(startAt);
      if (!this.#started || this.#offers.size >= OFFERS_AT_ONCE) return;
      if (this.#open.size + this.#dialling.size >= FIRST_LINKS) {
        const nextAt = this.#offeredAt + NEXT_LINK_MS;
        if (this.#outbox.now < nextAt) {
          this.#outbox.wakeBy(nextAt);
          return;
        }
      }
      this.#queue.delete(peer);
      if (this.#outbox.now < introducedAt + OFFER_WITHIN_MS) this.#dial(peer, true);
    }
  }

  opened(peer: PeerId): Neighbour | undefined {
    if (!this.#dialled(peer)) return undefined;
    const neighbour = new Neighbour(peer, this.#outbox.now);
    this.#open.set(peer, neighbour);
    return neighbour;
  }

  closed(peer: PeerId): void {
    this.#queue.delete(peer);
    this.#open.delete(peer);
    this.#dialled(peer);
  }

  /** The peer is no neighbour from now on; the `link-closed` that answers finds nothing to do. */
  hangUp(peer: PeerId, why: HangUpReason): void {
    if (why === 'pollution' || why === 'misbehaviour' || why === 'expelled') this.#ban(peer);
    this.#queue.delete(peer);
    if (!this.#open.delete(peer) && !this.#dialled(peer)) return;
    this.#outbox.put({ type: 'hang-up', peer, why });
  }

  /** @returns whether the neighbour has to go. */
  strike(neighbour: Neighbour): boolean {
    return ++neighbour.badPieces > BAD_PIECES_ALLOWED;
  }

  /** Neighbours that have some of a segment. */
  copiesOf(segment: SegmentState): number {
    let copies = 0;
    for (const neighbour of this.#open.values()) if (neighbour.piecesOf(segment) !== undefined) copies++;
    return copies;
  }

  /** Neighbours that have been silent for too long to be kept. */
  silent(): readonly PeerId[] {
    const silent: PeerId[] = [];
    for (const { id, unansweredSince, isCredible } of this.#open.values()) {
      if (unansweredSince === undefined || isCredible) continue;
      if (this.#outbox.now - unansweredSince >= SILENT_MS) silent.push(id);
    }
    return silent;
  }

  /** The neighbour that has been of no use for longest, when its seat may go to another. */
  takeIdle(): PeerId | undefined {
    const { now } = this.#outbox;
    if (this.#open.size < this.#seats || now < this.#replacedAt + REPLACE_MS) return undefined;
    let idle: Neighbour | undefined;
    for (const neighbour of this.#open.values())
      if (now >= neighbour.usedAt + IDLE_MS && neighbour.usedAt < (idle?.usedAt ?? now)) idle = neighbour;
    if (idle !== undefined) this.#replacedAt = now;
    return idle?.id;
  }

  #dial(peer: PeerId, initiator: boolean): void {
    this.#dialling.add(peer);
    if (initiator) {
      this.#offers.add(peer);
      this.#offeredAt = this.#outbox.now;
    }
    this.#outbox.put({ type: 'dial', peer, initiator });
  }

  /** @returns whether it was being dialled. */
  #dialled(peer: PeerId): boolean {
    this.#offers.delete(peer);
    return this.#dialling.delete(peer);
  }

  get #coming(): number {
    return this.#dialling.size + this.#queue.size;
  }

  get #seats(): number {
    return Math.min(this.#policy.maxNeighbours, LIMITS.neighbours);
  }

  #ban(peer: PeerId): void {
    this.#blacklist.add(peer);
    if (this.#blacklist.size <= MAX_BLACKLIST) return;
    const oldest = this.#blacklist.values().next();
    if (!oldest.done) this.#blacklist.delete(oldest.value);
  }
}
