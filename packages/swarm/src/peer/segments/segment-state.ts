import {
  type Millis,
  type PeerId,
  PieceSet,
  pieceBytes,
  pieceCount,
  type SegmentId,
  type SegmentKey,
  segmentKey,
} from '@freshet/protocol';
import type { FetchId, SegmentNotice, WantId } from '../api/peer-event.ts';

/** A piece that a neighbour was asked for and has not answered yet. */
export interface Asked {
  readonly peer: PeerId;
  readonly at: Millis;
  /** When it should be here, by the neighbour's backlog and rate. */
  readonly expectedAt: Millis;
  /** When bytes of it first and last came in; undefined: none so far. */
  firstAt: Millis | undefined;
  touchedAt: Millis;
  /** Frames of it that came in. */
  frames: number;
}

/** Someone takes a piece from the origin, and gives it to those who asked for it meanwhile. */
export interface Elsewhere {
  readonly peer: PeerId;
  readonly until: Millis;
}

/** What a neighbour was told of a segment: of which pieces, and how often. */
export interface Told {
  readonly pieces: PieceSet;
  readonly times: number;
}

export function declinedKey(peer: PeerId, piece: number): string {
  return `${piece} ${peer}`;
}

/** A plan stands until what it rests on has changed, or until the time that it named itself. */
export interface Plan {
  isStale: boolean;
  /** Infinity: it does not rest on time. */
  againAt: Millis;
}

/**
 * One segment as this viewer knows it. Until its announcement comes (`count` is 0) nothing can be verified, so it
 * can only be taken whole from the origin.
 */
export class SegmentState {
  readonly id: SegmentId;
  readonly key: SegmentKey;
  /** When this viewer first heard of it. */
  readonly heardAt: Millis;
  durationMs: Millis;
  bytes = 0;
  count = 0;
  held = new PieceSet(0);
  /** Requests of the player that wait for it, with their deadlines. */
  readonly wants = new Map<WantId, Millis>();
  /** Pieces under way from neighbours, and from the origin. */
  readonly asked = new Map<number, Asked>();
  readonly fetching = new Map<number, FetchId>();
  /** What neighbours said that they have of it. */
  readonly offers = new Map<PeerId, PieceSet>();
  /** Neighbours that were told of it. */
  readonly told = new Map<PeerId, Told>();
  /** Pieces that someone else takes from the origin: who, and until when we believe it. */
  readonly elsewhere = new Map<number, Elsewhere>();
  /** Neighbours that rejected a piece, by `declinedKey`: until when they are not asked for it again. */
  readonly declined = new Map<string, Millis>();
  /** Pieces that were sent to neighbours, and how often. */
  readonly given = new Map<number, number>();
  /** Pieces that the tracker asked this viewer to inject. */
  mine: readonly number[] = [];
  /** When they should be here; undefined when there are none, or when that was looked at. */
  mineDueAt: Millis | undefined;
  announcedAt: Millis = 0;
  /** When its piece list was asked for at the origin, and whether that is over. */
  listAskedAt: Millis | undefined;
  listEnded = false;
  /** Neighbours that were asked what they have of it, and when the last of them was. */
  readonly queried = new Set<PeerId>();
  queriedAt: Millis = Number.NEGATIVE_INFINITY;
  /** When a neighbour last asked for it. */
  soughtAt: Millis = Number.NEGATIVE_INFINITY;
  /** When a neighbour last had something of it that was missing here. */
  offeredAt: Millis = Number.NEGATIVE_INFINITY;
  /** When the newest transfer of it from the origin began. */
  fetchedSince: Millis = 0;
  /** The whole-segment transfer that runs for it, if any. */
  wholeFetch: FetchId | undefined;
  /** The origin's bytes do not match its own piece list: they are played, never shared. */
  unverifiable = false;
  /** What is to be asked of neighbours, and what to be taken from the origin. */
  readonly requestPlan: Plan = { isStale: true, againAt: Number.POSITIVE_INFINITY };
  readonly originPlan: Plan = { isStale: true, againAt: Number.POSITIVE_INFINITY };
  /** A number of this viewer's own for it. */
  chance: number | undefined;
  /** Neighbours have pieces of it that none of them could be asked for: their windows are full. */
  starved = false;
  originFailures = 0;
  originRetryAt: Millis = 0;

  constructor(id: SegmentId, durationMs: Millis, now: Millis) {
    this.id = id;
    this.key = segmentKey(id);
    this.heardAt = now;
    this.durationMs = durationMs;
  }

  announce(notice: SegmentNotice, now: Millis): void {
    this.bytes = notice.bytes;
    this.count = pieceCount(notice.bytes);
    this.durationMs = notice.durationMs;
    this.held = new PieceSet(this.count);
    this.announcedAt = now;
  }

  /** Both plans are to be made anew. */
  touch(): void {
    this.requestPlan.isStale = true;
    this.originPlan.isStale = true;
  }

  get announced(): boolean {
    return this.count > 0;
  }

  /** The origin is bringing some of it. */
  get isFetched(): boolean {
    return this.fetching.size > 0 || this.wholeFetch !== undefined;
  }

  get complete(): boolean {
    return this.count > 0 && this.held.isFull;
  }

  /** The earliest deadline of the player's requests; undefined when it has not asked. */
  get deadline(): Millis | undefined {
    let earliest: Millis | undefined;
    for (const deadline of this.wants.values())
      if (earliest === undefined || deadline < earliest) earliest = deadline;
    return earliest;
  }

  /** Neither held nor on its way from anywhere. */
  isIdle(piece: number): boolean {
    if (this.held.has(piece)) return false;
    // Most often nothing is fetched.
    return !this.asked.has(piece) && (this.fetching.size === 0 || !this.fetching.has(piece));
  }

  /** Held, or on its way here from the origin: a neighbour that asks for it may wait for it. */
  isComing(piece: number): boolean {
    return this.held.has(piece) || this.fetching.has(piece) || this.mine.includes(piece);
  }

  missingPieces(): readonly number[] {
    const missing: number[] = [];
    for (let piece = 0; piece < this.count; piece++) if (!this.held.has(piece)) missing.push(piece);
    return missing;
  }

  get missingBytes(): number {
    let bytes = 0;
    for (let piece = 0; piece < this.count; piece++) if (!this.held.has(piece)) bytes += this.bytesOf(piece);
    return bytes;
  }

  bytesOf(piece: number): number {
    return pieceBytes(this.bytes, piece);
  }
}
