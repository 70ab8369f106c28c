import {
  type Millis,
  PieceSet,
  type RenditionId,
  type SegmentId,
  type SegmentKey,
  segmentKey,
} from '@freshet/protocol';
import { leastNeeded } from './least-needed.ts';
import type { Outbox } from '../api/outbox.ts';
import type { SegmentNotice, WantId } from '../api/peer-event.ts';
import { SegmentState } from './segment-state.ts';

/** Segments remembered at most; the oldest of which nothing is held goes first. */
const MAX_SEGMENTS = 512;
/** The oldest among which it is chosen what goes, so that what is rare and never asked for goes as well in the end. */
const CHOICE = 16;
/** How far past the player's last request announced segments are taken ahead: a paused player stops downloading. */
const AHEAD = 4;
/** While something is missing that the player needs this soon, what comes later waits. */
const URGENT_MS = 3000;
/** A transfer from the origin is waited for this long, even past the time when the player needed it. */
const TRANSFER_MS = 2000;
const NONE: readonly SegmentState[] = [];

/** The segments this viewer knows, oldest first, and which of them it is working on. */
export class SegmentBook {
  readonly #outbox: Outbox;
  readonly #storeBytes: number;
  readonly #copiesOf: (segment: SegmentState) => number;
  readonly #segments = new Map<SegmentKey, SegmentState>();
  /** Those of which something is missing: only they can be worked on. */
  readonly #incomplete = new Set<SegmentState>();
  readonly #active = new Set<SegmentState>();
  #retired: SegmentState[] = [];
  /** The active ones in order; undefined when it has to be made anew. */
  #order: readonly SegmentState[] | undefined;
  #following: ReadonlySet<RenditionId> = new Set();
  /** Parts that a segment of each rendition has, as far as announcements told; none: they come whole. */
  readonly #parts = new Map<RenditionId, number>();
  /** Per followed rendition, the last segment that the player asked for. */
  readonly #lastWanted = new Map<RenditionId, SegmentId & { readonly deadline: number }>();
  /** The newest announced segment of each rendition. */
  readonly #newest = new Map<RenditionId, SegmentId>();
  /** Bytes a millisecond of each rendition, from its newest announcement; of parts, from those of about a segment. */
  readonly #bitrates = new Map<RenditionId, number>();
  #heldBytes = 0;

  /** @param copiesOf neighbours that have some of a segment */
  constructor(outbox: Outbox, storeBytes: number, copiesOf: (segment: SegmentState) => number) {
    this.#outbox = outbox;
    this.#storeBytes = storeBytes;
    this.#copiesOf = copiesOf;
  }

  get(key: SegmentKey): SegmentState | undefined {
    return this.#segments.get(key);
  }

  all(): Iterable<SegmentState> {
    return this.#segments.values();
  }

  /** What this viewer works on: wanted or taken ahead, not complete; the most urgent first. */
  active(): readonly SegmentState[] {
    this.#order ??= [...this.#active]
      .map((segment) => ({ segment, urgency: this.urgency(segment) }))
      .sort((a, b) => (a.urgency < b.urgency ? -1 : a.urgency > b.urgency ? 1 : 0))
      .map(({ segment }) => segment);
    return this.#order;
  }

  /** Something changed that every plan rests on. */
  touchAll(): void {
    for (const segment of this.#active) segment.touch();
  }

  /** The player needs what it asked for at another time. */
  reschedule(want: WantId, deadline: Millis): void {
    for (const segment of this.#active) {
      if (segment.wants.has(want)) segment.wants.set(want, deadline);
    }
    this.#order = undefined;
  }

  isActive(segment: SegmentState): boolean {
    return this.#active.has(segment);
  }

  /** When the playhead should reach it: the player's word, else reckoned from its last request. */
  urgency(segment: SegmentState): number {
    const deadline = segment.deadline;
    if (deadline !== undefined) return deadline;
    const last = this.#lastWanted.get(segment.id.rendition);
    if (last?.epoch !== segment.id.epoch) return Number.POSITIVE_INFINITY;
    return last.deadline + this.#unitsAfter(segment.id, last) * this.#unitMs(segment);
  }

  /**
   * Whether something is on its way that the player needs before this, and soon: on a thin line whatever else came
   * meanwhile would take its place. What is complete lets the next go; and nothing waits for what is overdue or hangs.
   */
  isBehindUrgent(before: SegmentState): boolean {
    const { now } = this.#outbox;
    const earlierThan = this.urgency(before) - before.durationMs / 2;
    for (const segment of this.active()) {
      const neededAt = this.urgency(segment);
      if (segment === before || neededAt > earlierThan || neededAt >= now + URGENT_MS) return false;
      const until = segment.isFetched ? Math.max(neededAt, segment.fetchedSince + TRANSFER_MS) : neededAt;
      if (until <= now) continue;
      this.#outbox.wakeBy(until);
      return true;
    }
    return false;
  }

  /** @returns what the player left behind: segments of renditions that are not followed any more, and not wanted. */
  follow(renditions: readonly RenditionId[]): readonly SegmentState[] {
    this.#following = new Set(renditions);
    for (const rendition of this.#lastWanted.keys()) {
      if (!this.#following.has(rendition)) this.#lastWanted.delete(rendition);
    }
    for (const segment of this.#incomplete) this.review(segment);
    return [...this.#incomplete].filter(
      (segment) => segment.wants.size === 0 && !this.#following.has(segment.id.rendition),
    );
  }

  /** Bytes a millisecond of what is followed; undefined before the first announcement of it. */
  get followedRate(): number | undefined {
    let sum = 0;
    for (const rendition of this.#following) sum += this.#bitrates.get(rendition) ?? 0;
    return sum > 0 ? sum : undefined;
  }

  /** By how many segments or parts it is older than the newest announced one of its rendition; Infinity in an older epoch. */
  behind(id: SegmentId): number {
    const newest = this.#newest.get(id.rendition);
    if (newest === undefined || id.epoch > newest.epoch) return 0;
    return id.epoch < newest.epoch ? Number.POSITIVE_INFINITY : this.#unitsAfter(newest, id);
  }

  announce(notice: SegmentNotice): SegmentState {
    const segment = this.#findOrAdd(notice.segment, notice.durationMs);
    // Announced again after a reconnect: the first word on its size holds, a segment never changes.
    if (!segment.announced) segment.announce(notice, this.#outbox.now);
    const { rendition, part } = notice.segment;
    if (part !== undefined) this.#parts.set(rendition, Math.max(part + 1, this.#parts.get(rendition) ?? 1));
    if (this.behind(notice.segment) <= 0) this.#newest.set(rendition, notice.segment);
    if (notice.durationMs > 0) {
      const rate = notice.bytes / notice.durationMs;
      const before = this.#bitrates.get(rendition) ?? rate;
      // One part of a segment has the keyframe, and many times the bytes of the others.
      this.#bitrates.set(rendition, before + (rate - before) / this.#partsIn(rendition));
    }
    this.review(segment);
    return segment;
  }

  want(id: SegmentId, durationMs: number, deadline: number): SegmentState {
    const segment = this.#findOrAdd(id, durationMs);
    // What follows a whole segment follows its last part.
    const toLastMs = id.part === undefined ? durationMs - durationMs / this.#partsIn(id.rendition) : 0;
    this.#lastWanted.set(id.rendition, { ...id, deadline: deadline + toLastMs });
    // A new request moves the horizon: segments announced before may now be taken ahead.
    for (const other of this.#incomplete) if (other.id.rendition === id.rendition) this.review(other);
    return segment;
  }

  /** A piece was verified and stored. Makes room when the store is full. */
  hold(segment: SegmentState, piece: number): void {
    segment.held.add(piece);
    this.#heldBytes += segment.bytesOf(piece);
    if (segment.complete) {
      this.#incomplete.delete(segment);
      this.review(segment);
    }
    this.#makeRoom();
  }

  /** Whether it is being worked on, decided anew after anything about it changed. */
  review(segment: SegmentState): void {
    if (!segment.complete && (segment.wants.size > 0 || this.#isAhead(segment))) {
      this.#active.add(segment);
      segment.touch();
    } else if (this.#active.delete(segment)) {
      this.#retired.push(segment);
      this.touchAll();
    }
    this.#order = undefined;
  }

  /** What was worked on and is not any more, since this was last asked: what is under way of it can be called off. */
  takeRetired(): readonly SegmentState[] {
    if (this.#retired.length === 0) return NONE;
    const retired = this.#retired.filter((segment) => !this.#active.has(segment));
    this.#retired = [];
    return retired;
  }

  #isAhead(segment: SegmentState): boolean {
    if (!segment.announced || segment.unverifiable || !this.#following.has(segment.id.rendition))
      return false;
    const last = this.#lastWanted.get(segment.id.rendition);
    if (last === undefined || segment.id.epoch < last.epoch) return false;
    // After a restart the new epoch's numbers say nothing about the old one's: take what is announced.
    if (segment.id.epoch > last.epoch) return true;
    const after = this.#unitsAfter(segment.id, last);
    return after > 0 && after <= AHEAD * this.#partsIn(segment.id.rendition);
  }

  #partsIn(rendition: RenditionId): number {
    return this.#parts.get(rendition) ?? 1;
  }

  /** How many segments or parts lie from one to the other. A segment that comes whole counts as its last part. */
  #unitsAfter(later: SegmentId, earlier: SegmentId): number {
    const parts = this.#partsIn(later.rendition);
    const place = ({ msn, part = parts - 1 }: SegmentId) => msn * parts + part;
    return place(later) - place(earlier);
  }

  #unitMs({ id, durationMs }: SegmentState): number {
    return id.part === undefined ? durationMs / this.#partsIn(id.rendition) : durationMs;
  }

  #findOrAdd(id: SegmentId, durationMs: number): SegmentState {
    const known = this.#segments.get(segmentKey(id));
    if (known !== undefined) return known;
    const segment = new SegmentState(id, durationMs, this.#outbox.now);
    this.#segments.set(segment.key, segment);
    this.#incomplete.add(segment);
    this.#makeRoom();
    return segment;
  }

  /** What is in use stays, whatever the bounds: that is little. */
  #makeRoom(): void {
    while (this.#heldBytes > this.#storeBytes)
      if (!this.#discardOne((segment) => segment.held.size > 0)) break;
    // A piece list alone can be had again.
    while (this.#segments.size > MAX_SEGMENTS)
      if (!this.#discardOne((segment) => segment.held.size === 0) && !this.#discardOne(() => true)) break;
  }

  /** @returns whether there was one. */
  #discardOne(fits: (segment: SegmentState) => boolean): boolean {
    const newest = [...this.#segments.values()].at(-1);
    const oldest: SegmentState[] = [];
    for (const segment of this.#segments.values()) {
      if (oldest.length === CHOICE) break;
      if (segment !== newest && !this.#isInUse(segment) && fits(segment)) oldest.push(segment);
    }
    const goes = leastNeeded(oldest, this.#outbox.now, this.#copiesOf);
    if (goes !== undefined) this.#discard(goes);
    return goes !== undefined;
  }

  /** Also when it is complete this very moment, and about to be delivered; or when the origin is bringing more of it. */
  #isInUse(segment: SegmentState): boolean {
    return segment.isFetched || segment.wants.size > 0 || this.#active.has(segment);
  }

  #discard(segment: SegmentState): void {
    for (const piece of segment.held) this.#heldBytes -= segment.bytesOf(piece);
    // Requests that still wait for it find it empty and are rejected.
    segment.held = new PieceSet(segment.count);
    this.#segments.delete(segment.key);
    this.#incomplete.delete(segment);
    if (this.#active.delete(segment)) this.#order = undefined;
    this.#outbox.put({ type: 'forget', segment: segment.key });
  }
}
