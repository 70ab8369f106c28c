import { LIMITS, type Millis, type PeerId, type Policy } from '@freshet/protocol';
import { Neighbour } from './neighbour.ts';
import type { Outbox } from '../api/outbox.ts';
import type { HangUpReason } from '../api/peer-command.ts';
import type { SegmentState } from '../segments/segment-state.ts';

/** Bad pieces tolerated from one neighbour. One can be a memory error; two are pollution. */
const BAD_PIECES_ALLOWED = 1;
/** Maximum of peers that are never linked again in this session; beyond it the oldest ban ends. */
const MAX_BLACKLIST = 256;
/** Drop a neighbour that let requests time out and has answered none for this long. */
const SILENT_MS = 8000;

/** A full viewer replaces a neighbour when no piece was sent over its link, either way, for this long, ... */
const IDLE_MS = 30_000;
/** ... and at most one neighbour in this time, so that no viewer loses all its neighbours at once. */
const REPLACE_MS = 10_000;

/**
 * A new viewer dials when its player plays, or this long after an introduction: a connection costs the page tens of
 * milliseconds, and the first picture needs the same thread and the same network.
 */
const START_WITHIN_MS = 2000;
/** Concurrent offers. The next is made when one is answered, so that a slow machine makes links more slowly. */
const OFFERS_AT_ONCE = 2;
/** The first links are made as fast as possible, since the first pieces wait for them; then one link in this time. */
const FIRST_LINKS = 4;
const NEXT_LINK_MS = 1000;
/** A peer that got no offer in this time no longer expects one; the tracker introduces others. */
const OFFER_WITHIN_MS = 10_000;

/** A new neighbour announces its pieces at once; the announcement arrives within this time. */
const GREETING_MS = 300;

/** The peers that this viewer is linked to, dials, is about to dial, or has banned. */
export class Neighbourhood {
  /** This viewer's own name; undefined before the tracker gave it one. */
  self: PeerId | undefined;
  joinedAt: Millis = 0;
  readonly #outbox: Outbox;
  readonly #open = new Map<PeerId, Neighbour>();
  readonly #dialling = new Set<PeerId>();
  /** Those of `#dialling` to which this side makes the offer. */
  readonly #offers = new Set<PeerId>();
  /** Introduced peers that wait for an offer, in order, and when they were introduced. */
  readonly #queue = new Map<PeerId, Millis>();
  /**
   * Neighbours that were introduced again, and whether to dial: they have lost the link, which this end may notice only
   * ten seconds later. Until the old link is closed.
   */
  readonly #again = new Map<PeerId, boolean>();
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

  /** Links are being made: it may pay to wait for them. */
  get dialling(): boolean {
    return this.#coming > 0;
  }

  get seeking(): boolean {
    return this.#policy.mode !== 'off' && this.#open.size + this.#coming < this.#seats;
  }

  /** How long the newest neighbour's first announcement may still take. */
  get greetedAt(): Millis {
    let newest = Number.NEGATIVE_INFINITY;
    for (const { openedAt } of this.#open.values()) newest = Math.max(newest, openedAt);
    return newest + GREETING_MS;
  }

  /** Peers with open links, and peers that are being dialled or wait for an offer. */
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

  /** @returns whether the peer has a link, which has to be closed first: `linkAnew` then makes another. */
  introduced(peer: PeerId, initiator: boolean): boolean {
    const isLinked = this.#open.has(peer);
    if (isLinked) this.#again.set(peer, initiator);
    else this.#meet(peer, initiator);
    return isLinked;
  }

  /** The link of a peer is closed at this end, too. */
  linkAnew(peer: PeerId): void {
    const initiator = this.#again.get(peer);
    this.#again.delete(peer);
    if (initiator !== undefined) this.#meet(peer, initiator);
  }

  leave(): void {
    this.#again.clear();
  }

  /** The player plays. */
  started(): void {
    this.#started = true;
  }

  plan(): void {
    for (const [peer, introducedAt] of this.#queue) {
      const startAt = introducedAt + START_WITHIN_MS;
      if (!this.#started && !this.#outbox.awaits(startAt)) this.#started = true;
      if (!this.#started || this.#offers.size >= OFFERS_AT_ONCE) return;
      const isFirst = this.#open.size + this.#dialling.size < FIRST_LINKS;
      if (!isFirst && this.#outbox.awaits(this.#offeredAt + NEXT_LINK_MS)) return;
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

  /** Removes the peer at once; the `link-closed` that follows changes nothing. */
  hangUp(peer: PeerId, why: HangUpReason): void {
    if (why === 'pollution' || why === 'misbehaviour' || why === 'expelled') this.#ban(peer);
    this.#queue.delete(peer);
    if (!this.#open.delete(peer) && !this.#dialled(peer)) return;
    this.#outbox.put({ type: 'hang-up', peer, why });
  }

  /** Counts a bad piece. @returns whether the neighbour has to be dropped. */
  strike(neighbour: Neighbour): boolean {
    return ++neighbour.badPieces > BAD_PIECES_ALLOWED;
  }

  /** Neighbours that have some of a segment. */
  copiesOf(segment: SegmentState): number {
    let copies = 0;
    for (const neighbour of this.#open.values()) if (neighbour.piecesOf(segment) !== undefined) copies++;
    return copies;
  }

  /** Neighbours to drop because they have not answered for too long. */
  silent(): readonly PeerId[] {
    const silent: PeerId[] = [];
    for (const { id, unansweredSince, isCredible } of this.#open.values()) {
      if (unansweredSince === undefined || isCredible) continue;
      if (this.#outbox.now - unansweredSince >= SILENT_MS) silent.push(id);
    }
    return silent;
  }

  /** The neighbour that has been idle for longest, if it may be replaced now. */
  takeIdle(): PeerId | undefined {
    const { now } = this.#outbox;
    if (this.#open.size < this.#seats || now < this.#replacedAt + REPLACE_MS) return undefined;
    let idle: Neighbour | undefined;
    for (const neighbour of this.#open.values())
      if (now >= neighbour.usedAt + IDLE_MS && neighbour.usedAt < (idle?.usedAt ?? now)) idle = neighbour;
    if (idle !== undefined) this.#replacedAt = now;
    return idle?.id;
  }

  #meet(peer: PeerId, initiator: boolean): void {
    if (this.#policy.mode === 'off' || this.#blacklist.has(peer)) return;
    if (this.#open.has(peer) || this.#dialling.has(peer)) return;
    const seats = Math.min(this.#seats + LIMITS.spareSeats, LIMITS.neighbours);
    this.#queue.delete(peer);
    if (this.#open.size + this.#coming >= seats) return;
    if (initiator) this.#queue.set(peer, this.#outbox.now);
    else this.#dial(peer, false);
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
