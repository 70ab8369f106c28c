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
import type { FetchId, SegmentNotice, WantId } from '../api/peer-event.ts';
import { AnnouncedSegment, isHeld, type SegmentState, UnannouncedSegment } from './segment-state.ts';

/** Maximum of known segments; beyond it the oldest without a held piece is discarded first. */
const MAX_SEGMENTS = 512;
/** Only this many of the oldest may be discarded next, so that rare ones that are never requested go in the end. */
const CHOICE = 16;
/** How many segments past the player's last request are fetched ahead: a paused player stops downloading. */
const AHEAD = 4;
/** While the player needs a missing segment within this time, later segments wait. */
const URGENT_MS = 3000;
/** How long to wait for a transfer from the origin, even past the time when the player needed the segment. */
const TRANSFER_MS = 2000;
const NONE: readonly SegmentState[] = [];

type Answer = { readonly type: 'deliver'; readonly fetch?: FetchId } | { readonly type: 'fail' };

/** The known segments, oldest first, and the active ones: those that this viewer is trying to complete. */
export class SegmentBook {
  readonly #outbox: Outbox;
  readonly #storeBytes: number;
  readonly #copiesOf: (segment: SegmentState) => number;
  readonly #segments = new Map<SegmentKey, SegmentState>();
  /** The incomplete ones: only they can be active. */
  readonly #incomplete = new Map<SegmentKey, SegmentState>();
  readonly #active = new Map<SegmentKey, SegmentState>();
  #retired: SegmentState[] = [];
  /** The active ones, the most urgent first; undefined: to be sorted again. */
  #order: readonly SegmentState[] | undefined;
  #following: ReadonlySet<RenditionId> = new Set();
  /** Parts of a segment of each rendition, as far as they were announced; none: its segments come whole. */
  readonly #parts = new Map<RenditionId, number>();
  /** The last segment that the player requested of each followed rendition. */
  readonly #lastWanted = new Map<RenditionId, SegmentId & { readonly deadline: number }>();
  /** The newest announced segment of each rendition. */
  readonly #newest = new Map<RenditionId, SegmentId>();
  /** Bytes a millisecond of each rendition, by its newest announcement; for parts, by those of about a segment. */
  readonly #bitrates = new Map<RenditionId, number>();
  #heldBytes = 0;

  /** @param copiesOf how many neighbours have pieces of a segment */
  constructor(outbox: Outbox, storeBytes: number, copiesOf: (segment: SegmentState) => number) {
    this.#outbox = outbox;
    this.#storeBytes = storeBytes;
    this.#copiesOf = copiesOf;
  }

  get(key: SegmentKey): SegmentState | undefined {
    return this.#segments.get(key);
  }

  /** False for a segment that was discarded, also if it is known again as another object. */
  knows(segment: SegmentState): boolean {
    return this.#segments.get(segment.key) === segment;
  }

  all(): Iterable<SegmentState> {
    return this.#segments.values();
  }

  /** Incomplete segments that are wanted or fetched ahead, the most urgent first. */
  active(): readonly SegmentState[] {
    this.#order ??= [...this.#active.values()]
      .map((segment) => ({ segment, urgency: this.urgency(segment) }))
      // Infinity less Infinity is no number, which sorts as 0.
      .sort((a, b) => a.urgency - b.urgency)
      .map(({ segment }) => segment);
    return this.#order;
  }

  /** Something changed that every plan depends on. */
  touchAll(): void {
    for (const segment of this.#active.values()) segment.touch();
  }

  /** The deadline of a request of the player moved. */
  reschedule(want: WantId, deadline: Millis): void {
    for (const { wants } of this.#active.values()) if (wants.has(want)) wants.set(want, deadline);
    this.#order = undefined;
  }

  isActive(segment: SegmentState): boolean {
    return this.#active.has(segment.key);
  }

  /** When the playhead should reach the segment: the player's deadline, or an estimate from its last request. */
  urgency(segment: SegmentState): number {
    const deadline = segment.deadline;
    if (deadline !== undefined) return deadline;
    const last = this.#lastWanted.get(segment.id.rendition);
    if (last?.epoch !== segment.id.epoch) return Number.POSITIVE_INFINITY;
    return last.deadline + this.#unitsAfter(segment.id, last) * this.#unitMs(segment);
  }

  /**
   * Whether an earlier segment is on its way that the player needs soon: on a thin line, any other transfer would take
   * bandwidth from it. A segment does not wait for one that is complete, overdue or stalled.
   */
  isBehindUrgent(before: SegmentState): boolean {
    const { now } = this.#outbox;
    const earlierThan = this.urgency(before) - before.durationMs / 2;
    for (const segment of this.active()) {
      const neededAt = this.urgency(segment);
      if (segment === before || neededAt > earlierThan || neededAt >= now + URGENT_MS) return false;
      const until = segment.isFetched
        ? Math.max(neededAt, segment.origin.fetchedSince + TRANSFER_MS)
        : neededAt;
      if (this.#outbox.awaits(until)) return true;
    }
    return false;
  }

  /** @returns incomplete segments of renditions that are not followed any more, and that are not wanted. */
  follow(renditions: readonly RenditionId[]): readonly SegmentState[] {
    this.#following = new Set(renditions);
    for (const rendition of this.#lastWanted.keys()) {
      if (!this.#following.has(rendition)) this.#lastWanted.delete(rendition);
    }
    for (const segment of this.#incomplete.values()) this.review(segment);
    return [...this.#incomplete.values()].filter(
      (segment) => segment.wants.size === 0 && !this.#following.has(segment.id.rendition),
    );
  }

  /** Bytes a millisecond of the followed renditions; undefined before their first announcement. */
  get followedRate(): number | undefined {
    let sum = 0;
    for (const rendition of this.#following) sum += this.#bitrates.get(rendition) ?? 0;
    return sum > 0 ? sum : undefined;
  }

  /** How many segments or parts it is behind the newest announced one of its rendition; Infinity in an older epoch. */
  behind(id: SegmentId): number {
    const newest = this.#newest.get(id.rendition);
    if (newest === undefined || id.epoch > newest.epoch) return 0;
    return id.epoch < newest.epoch ? Number.POSITIVE_INFINITY : this.#unitsAfter(newest, id);
  }

  announce(notice: SegmentNotice): AnnouncedSegment {
    const known = this.#findOrAdd(notice.segment, notice.durationMs);
    // Announced again after a reconnect: the first announcement holds, a segment never changes.
    const segment = known.state === 'announced' ? known : this.#replace(known, notice);
    const { rendition, part } = notice.segment;
    if (part !== undefined) this.#parts.set(rendition, Math.max(part + 1, this.#parts.get(rendition) ?? 1));
    if (this.behind(notice.segment) <= 0) this.#newest.set(rendition, notice.segment);
    if (notice.durationMs > 0) {
      const rate = notice.bytes / notice.durationMs;
      const before = this.#bitrates.get(rendition) ?? rate;
      // The part with the keyframe has many times the bytes of the others.
      this.#bitrates.set(rendition, before + (rate - before) / this.#partsIn(rendition));
    }
    this.review(segment);
    return segment;
  }

  want(want: WantId, id: SegmentId, durationMs: number, deadline: number): SegmentState {
    const segment = this.#findOrAdd(id, durationMs);
    // The successor of a whole segment is the successor of its last part.
    const toLastMs = id.part === undefined ? durationMs - durationMs / this.#partsIn(id.rendition) : 0;
    this.#lastWanted.set(id.rendition, { ...id, deadline: deadline + toLastMs });
    // A new request moves the horizon: segments announced before may now be fetched ahead.
    for (const other of this.#incomplete.values())
      if (other.id.rendition === id.rendition) this.review(other);
    segment.wants.set(want, deadline);
    this.review(segment);
    return segment;
  }

  /** The player withdraws a request. @returns segments that are not active any more for that reason. */
  unwant(want: WantId): readonly SegmentState[] {
    return this.active().filter((segment) => {
      if (!segment.wants.delete(want)) return false;
      this.review(segment);
      return !this.isActive(segment);
    });
  }

  /** Answers the player's requests of the segment. */
  answer(segment: SegmentState, answer: Answer): void {
    for (const want of segment.wants.keys()) this.#outbox.put({ ...answer, want, segment: segment.key });
    segment.wants.clear();
    this.review(segment);
  }

  /** A piece was verified and stored. Makes room when the store is full. */
  hold(segment: AnnouncedSegment, piece: number): void {
    segment.held.add(piece);
    this.#heldBytes += segment.bytesOf(piece);
    if (segment.complete) {
      this.#incomplete.delete(segment.key);
      this.review(segment);
    }
    this.#makeRoom();
  }

  /** Decides whether the segment is active, after anything about it changed. */
  review(segment: SegmentState): void {
    if (!segment.complete && (segment.wants.size > 0 || this.#isAhead(segment))) {
      this.#active.set(segment.key, segment);
      segment.touch();
    } else if (this.#active.delete(segment.key)) {
      this.#retired.push(segment);
      this.touchAll();
    }
    this.#order = undefined;
  }

  /** Segments that stopped being active since the last call: their requests can be cancelled. */
  takeRetired(): readonly SegmentState[] {
    if (this.#retired.length === 0) return NONE;
    const retired = this.#retired.filter((segment) => !this.isActive(segment));
    this.#retired = [];
    return retired;
  }

  #isAhead(segment: SegmentState): boolean {
    const { rendition } = segment.id;
    if (segment.state !== 'announced' || segment.origin.unverifiable) return false;
    const last = this.#following.has(rendition) ? this.#lastWanted.get(rendition) : undefined;
    if (last === undefined || segment.id.epoch < last.epoch) return false;
    // After a restart the numbers of the two epochs cannot be compared: fetch every announced segment.
    if (segment.id.epoch > last.epoch) return true;
    const after = this.#unitsAfter(segment.id, last);
    return after > 0 && after <= AHEAD * this.#partsIn(rendition);
  }

  #partsIn(rendition: RenditionId): number {
    return this.#parts.get(rendition) ?? 1;
  }

  /** How many segments or parts `later` is after `earlier`. A whole segment counts as its last part. */
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
    const segment = new UnannouncedSegment(id, durationMs, this.#outbox.now);
    this.#segments.set(segment.key, segment);
    this.#incomplete.set(segment.key, segment);
    this.#makeRoom();
    return segment;
  }

  /** The announced segment takes the place of the unannounced one, also in the order of the maps. */
  #replace(known: UnannouncedSegment, notice: SegmentNotice): AnnouncedSegment {
    const segment = new AnnouncedSegment(known, notice, this.#outbox.now);
    for (const segments of [this.#segments, this.#incomplete, this.#active])
      if (segments.has(segment.key)) segments.set(segment.key, segment);
    return segment;
  }

  /** Segments in use stay, even beyond the bounds: they are few. */
  #makeRoom(): void {
    while (this.#heldBytes > this.#storeBytes) if (!this.#discardOne(isHeld)) break;
    // A piece list alone can be fetched again.
    while (this.#segments.size > MAX_SEGMENTS)
      if (!this.#discardOne((segment) => !isHeld(segment)) && !this.#discardOne(() => true)) break;
  }

  /** @returns whether a segment was discarded. */
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

  /** Also when it was completed just now and is about to be delivered, or when the origin is bringing more of it. */
  #isInUse(segment: SegmentState): boolean {
    return segment.isFetched || segment.wants.size > 0 || this.isActive(segment);
  }

  #discard(segment: SegmentState): void {
    if (segment.state === 'announced') {
      for (const piece of segment.held) this.#heldBytes -= segment.bytesOf(piece);
      // Queued uploads find it empty and are rejected.
      segment.held = new PieceSet(segment.count);
    }
    this.#segments.delete(segment.key);
    this.#incomplete.delete(segment.key);
    if (this.#active.delete(segment.key)) this.#order = undefined;
    this.#outbox.put({ type: 'forget', segment: segment.key });
  }
}
