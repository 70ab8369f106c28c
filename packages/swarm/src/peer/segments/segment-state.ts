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
import type { SegmentNotice, WantId } from '../api/peer-event.ts';
import type { OriginRecord, PieceOriginRecord, RequestRecord, Told } from './planner-records.ts';

/**
 * One segment as this viewer knows it. Its announcement replaces the unannounced segment by an announced one, in
 * `SegmentBook`. Each planner writes its own record only.
 */
export type SegmentState = UnannouncedSegment | AnnouncedSegment;

/** Fields that the announcement hands on. */
interface Known {
  readonly id: SegmentId;
  readonly key: SegmentKey;
  /** Requests of the player that wait for it, with their deadlines. `SegmentBook` writes it. */
  readonly wants: Map<WantId, Millis>;
  /** Pieces that neighbours announced. `Neighbour` and `Neighbourhood` write it. */
  readonly offers: Map<PeerId, PieceSet>;
  /** When a neighbour last requested a piece of it. `Uploader` writes it. */
  soughtAt: Millis;
}

abstract class KnownSegment implements Known {
  readonly id: SegmentId;
  readonly key: SegmentKey;
  readonly durationMs: Millis;
  readonly wants: Map<WantId, Millis>;
  readonly offers: Map<PeerId, PieceSet>;
  soughtAt: Millis;
  abstract readonly origin: OriginRecord;
  abstract readonly complete: boolean;

  constructor({ id, key, wants, offers, soughtAt }: Known, durationMs: Millis) {
    this.id = id;
    this.key = key;
    this.durationMs = durationMs;
    this.wants = wants;
    this.offers = offers;
    this.soughtAt = soughtAt;
  }

  /** The earliest deadline of the player's requests; undefined when it has not asked. */
  get deadline(): Millis | undefined {
    let earliest: Millis | undefined;
    for (const deadline of this.wants.values())
      if (earliest === undefined || deadline < earliest) earliest = deadline;
    return earliest;
  }

  /** The origin is bringing some of it. */
  get isFetched(): boolean {
    return this.origin.wholeFetch !== undefined;
  }

  /** The link to the peer is closed: the peer has, knows and owes nothing any more. */
  lost(peer: PeerId): void {
    this.offers.delete(peer);
  }

  /** Its plans are to be made anew. */
  touch(): void {
    this.origin.planAt = 0;
  }
}

/** Nothing of it can be verified yet, so it can only be taken whole from the origin. */
export class UnannouncedSegment extends KnownSegment {
  readonly state = 'unannounced';
  readonly complete = false;
  /** When this viewer first heard of it. */
  readonly heardAt: Millis;
  readonly origin: OriginRecord = {
    planAt: 0,
    wholeFetch: undefined,
    fetchedSince: 0,
    failures: 0,
    retryAt: 0,
  };
  /** When its piece list was requested from the origin, and whether that request has ended. `ListPlanner` writes it. */
  listAskedAt: Millis | undefined;
  listEnded = false;

  constructor(id: SegmentId, durationMs: Millis, now: Millis) {
    const soughtAt = Number.NEGATIVE_INFINITY;
    super({ id, key: segmentKey(id), wants: new Map(), offers: new Map(), soughtAt }, durationMs);
    this.heardAt = now;
  }
}

/** Its size and the hashes of its pieces are known. */
export class AnnouncedSegment extends KnownSegment {
  readonly state = 'announced';
  readonly announcedAt: Millis;
  readonly bytes: number;
  readonly count: number;
  /** Verified and stored pieces. `SegmentBook` writes it. */
  held: PieceSet;
  readonly requests: RequestRecord = {
    planAt: 0,
    asked: new Map(),
    declined: new Map(),
    queried: new Set(),
    queriedAt: Number.NEGATIVE_INFINITY,
    offeredAt: Number.NEGATIVE_INFINITY,
    chance: undefined,
    starved: false,
  };
  readonly origin: PieceOriginRecord;
  /** Pieces sent to neighbours, and how often each neighbour was sent one, by `declinedKey`. `Uploader` writes it. */
  readonly given = new Map<number | string, number>();
  /** Neighbours that were told of it. `HaveAnnouncer` writes it. */
  readonly told = new Map<PeerId, Told>();

  constructor(known: UnannouncedSegment, { bytes, durationMs }: SegmentNotice, now: Millis) {
    super(known, durationMs);
    this.origin = {
      ...known.origin,
      unverifiable: false,
      fetching: new Map(),
      elsewhere: new Map(),
      believed: new Set(),
      mine: [],
      mineDueAt: undefined,
    };
    this.announcedAt = now;
    this.bytes = bytes;
    this.count = pieceCount(bytes);
    this.held = new PieceSet(this.count);
  }

  get complete(): boolean {
    return this.held.isFull;
  }

  override get isFetched(): boolean {
    return this.origin.fetching.size > 0 || super.isFetched;
  }

  override lost(peer: PeerId): void {
    super.lost(peer);
    this.told.delete(peer);
    const { asked } = this.requests;
    for (const [piece, request] of asked) if (request.peer === peer) asked.delete(piece);
  }

  override touch(): void {
    super.touch();
    this.requests.planAt = 0;
  }

  /** Neither held nor on its way from any source. */
  isIdle(piece: number): boolean {
    if (this.held.has(piece)) return false;
    const { fetching } = this.origin;
    // In most cases nothing is being fetched.
    return !this.requests.asked.has(piece) && (fetching.size === 0 || !fetching.has(piece));
  }

  /** Held, or on its way from the origin: a neighbour's request may wait for it. */
  isComing(piece: number): boolean {
    const { fetching, mine } = this.origin;
    return this.held.has(piece) || fetching.has(piece) || mine.includes(piece);
  }

  missingPieces(): readonly number[] {
    const missing: number[] = [];
    for (let piece = 0; piece < this.count; piece++) if (!this.held.has(piece)) missing.push(piece);
    return missing;
  }

  get missingBytes(): number {
    let bytes = 0;
    for (const piece of this.missingPieces()) bytes += this.bytesOf(piece);
    return bytes;
  }

  bytesOf(piece: number): number {
    return pieceBytes(this.bytes, piece);
  }
}

/** Whether pieces of it are held. */
export function isHeld(segment: SegmentState): segment is AnnouncedSegment {
  return segment.state === 'announced' && segment.held.size > 0;
}
