import { type Millis, type PeerId, PieceSet } from '@freshet/protocol';
import type { Downlink } from '../estimates/downlink.ts';
import type { ListPlanner } from './list-planner.ts';
import type { Neighbourhood } from '../neighbours/neighbourhood.ts';
import type { OriginEstimate } from '../estimates/origin-estimate.ts';
import { lastCallAt, leadMs } from '../estimates/lead-time.ts';
import { graceMs, injectionGraceMs, originDueAt } from './origin-rule.ts';
import type { Outbox } from '../api/outbox.ts';
import type { PeerEvent } from '../api/peer-event.ts';
import { rendezvousRank } from '../neighbours/rendezvous.ts';
import type { RequestPlanner } from '../requests/request-planner.ts';
import type { SegmentBook } from '../segments/segment-book.ts';
import { type Asked, declinedKey } from '../segments/planner-records.ts';
import type { AnnouncedSegment, SegmentState, UnannouncedSegment } from '../segments/segment-state.ts';
import type { Transfers } from './transfers.ts';

/** An origin keeps up when its estimated time, a careful one, is at most this many durations of the segment. */
const KEEPS_UP = 1.1;
/** How long a new viewer waits for the tracker and for its first links. */
const PATIENCE_MS = 3000;
/** How long a viewer that joined waits for the first introductions. */
const INTRODUCTIONS_MS = 500;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 2000;
/** Failed transfers of a segment in a row before the player gets an error, if neighbours cannot complete it either. */
const MAX_FAILURES = 4;
/** While the player may climb, the longest time without a piece from the origin. */
export const PROBE_MS = 5000;
/** A smaller piece, as of subtitles, does not measure the origin. */
const PROBE_BYTES = 16 * 1024;
/** Wait for a piece that has begun to arrive if it should be complete this long before its deadline. */
const FINISH_MS = 100;
/** How long after its deadline a segment that the origin cannot deliver is still expected from neighbours. */
const OVERDUE_MS = 4000;

type Ended = Extract<PeerEvent, { type: 'origin-ended' }>;

/** Decides what is fetched from the origin, and when, so that playback never depends on peers. */
export class OriginPlanner {
  readonly #outbox: Outbox;
  readonly #book: SegmentBook;
  readonly #neighbours: Neighbourhood;
  readonly #estimate: OriginEstimate;
  readonly #downlink: Downlink;
  readonly #requests: Pick<RequestPlanner, 'cancel'>;
  readonly #transfers: Transfers;
  readonly #lists: ListPlanner;
  readonly #startedAt: Millis;
  #lateInjections = 0;
  /** Whether fetched pieces will be uploaded, so that neighbours may wait for them. */
  shares = true;
  /** When the origin last delivered something, or when the last probe began. */
  #seenAt: Millis;
  /**
   * The player would switch to a higher level if it knew that the origin is fast enough. While neighbours deliver
   * everything, nothing measures the origin, and the player would stay low for ever. So a piece is fetched from time to
   * time.
   */
  mayClimb = false;

  constructor(
    outbox: Outbox,
    book: SegmentBook,
    neighbours: Neighbourhood,
    requests: Pick<RequestPlanner, 'cancel'>,
    estimate: OriginEstimate,
    downlink: Downlink,
    lists: ListPlanner,
    transfers: Transfers,
    now: Millis,
  ) {
    this.#outbox = outbox;
    this.#book = book;
    this.#neighbours = neighbours;
    this.#requests = requests;
    this.#estimate = estimate;
    this.#downlink = downlink;
    this.#transfers = transfers;
    this.#lists = lists;
    this.#startedAt = this.#seenAt = now;
  }

  /** Pieces that this viewer was asked to inject and did not have when the other viewers stopped waiting for them. */
  get lateInjections(): number {
    return this.#lateInjections;
  }

  /** The announcement names the injectors: their pieces are expected, this viewer's own have to be fetched. */
  announced(
    segment: AnnouncedSegment,
    injectors: readonly { peer: PeerId; first: number; count: number }[],
  ): void {
    const need = this.#estimate.needMs(segment.bytes);
    const leftMs = this.#book.urgency(segment) - this.#outbox.now;
    const until = this.#outbox.now + injectionGraceMs(need, segment.durationMs, leftMs);
    const { origin } = segment;
    const mine: number[] = [];
    for (const { peer, first, count } of injectors) {
      for (let piece = first; piece < Math.min(first + count, segment.count); piece++) {
        if (peer === this.#neighbours.self) mine.push(piece);
        else origin.elsewhere.set(piece, { peer, until });
      }
    }
    origin.mine = mine;
    origin.mineDueAt = mine.length > 0 ? until : undefined;
    this.#transfers.announced(segment);
  }

  /** A neighbour fetches these pieces from the origin: once for each, they need not be fetched here for a while. */
  fetchedElsewhere(segment: AnnouncedSegment, peer: PeerId, pieces: PieceSet): void {
    const until = this.#outbox.now + graceMs(this.#estimate.needMs(segment.bytes), segment.durationMs);
    const { elsewhere, believed } = segment.origin;
    for (const piece of pieces) {
      const key = declinedKey(peer, piece);
      if (!believed.has(key)) elsewhere.set(piece, { peer, until });
      believed.add(key);
    }
    segment.touch();
  }

  plan(segment: SegmentState): void {
    if (this.#outbox.awaits(segment.origin.retryAt)) return;
    switch (segment.state) {
      case 'unannounced':
        this.#planUnannounced(segment);
        break;
      case 'announced':
        if (segment.origin.unverifiable) this.#planWhole(segment, this.#outbox.now);
        else this.#planPieces(segment);
        break;
    }
  }

  ended(event: Ended): SegmentState | undefined {
    const ended = this.#transfers.ended(event.fetch);
    if (ended === undefined) return undefined;
    const { segment, isWhole } = ended;
    const { origin } = segment;
    switch (event.outcome) {
      case 'mismatch':
        if (segment.state === 'announced') segment.origin.unverifiable = true;
        break;
      case 'ok':
        origin.failures = 0;
        break;
      case 'failed': {
        const wished = Math.max(event.retryAfterMs ?? 0, FIRST_RETRY_MS * 2 ** origin.failures++);
        origin.retryAt = this.#outbox.now + Math.min(LAST_RETRY_MS, wished);
        this.#giveUpIfHopeless(segment);
        return segment;
      }
      case 'aborted':
        return segment;
    }
    this.#seenAt = this.#outbox.now;
    this.#estimate.sample(event.bytes, event.ttfbMs, event.elapsedMs);
    if (isWhole && !segment.complete) this.#book.answer(segment, { type: 'deliver', fetch: event.fetch });
    return segment;
  }

  #planUnannounced(segment: UnannouncedSegment): void {
    if (segment.wants.size === 0) return;
    this.#lists.plan(segment);
    this.#planWhole(segment, this.#unannouncedDueAt(segment));
  }

  #planWhole(segment: SegmentState, dueAt: Millis): void {
    if (segment.wants.size === 0 || segment.origin.wholeFetch !== undefined) return;
    if (!this.#outbox.awaits(dueAt)) this.#transfers.startWhole(segment);
  }

  /** Without a piece list only the origin can deliver. Wait for a list that may come, but never past the deadline. */
  #unannouncedDueAt(segment: UnannouncedSegment): Millis {
    const need = this.#estimate.needMs((this.#book.followedRate ?? 0) * segment.durationMs);
    const hardAt = (segment.deadline ?? this.#outbox.now) - leadMs(need, segment.durationMs);
    const patience =
      this.#neighbours.self === undefined ? this.#startedAt + PATIENCE_MS : this.#lists.awaitedUntil(segment);
    return Math.min(hardAt, patience);
  }

  /** At `mineDueAt` the other viewers stop waiting for this viewer's pieces and use the origin themselves. */
  #countLate(segment: AnnouncedSegment): void {
    const { origin } = segment;
    if (origin.mineDueAt === undefined || this.#outbox.awaits(origin.mineDueAt)) return;
    origin.mineDueAt = undefined;
    for (const piece of origin.mine) if (!segment.held.has(piece)) this.#lateInjections++;
  }

  #planPieces(segment: AnnouncedSegment): void {
    const { fetching } = segment.origin;
    this.#countLate(segment);
    const needMs = this.#estimate.needMs(segment.missingBytes);
    if (this.#leavesRoom(segment, needMs)) return;
    const { self, ids } = this.#neighbours;
    const rank = self === undefined ? 0 : rendezvousRank(segment.key, self, ids);
    const mine = new Set(segment.origin.mine);
    const { deadline } = segment;
    const isTight = deadline !== undefined && this.#downlink.isTight(segment, deadline - this.#outbox.now);
    const due = segment
      .missingPieces()
      .filter(
        (piece) =>
          !fetching.has(piece) &&
          ((mine.has(piece) && !segment.requests.asked.has(piece)) ||
            isTight ||
            this.#isPieceDue(segment, piece, needMs, rank)),
      );
    if (due.length === 0) this.#probe(segment);
    const taken = this.#transfers.startRuns(segment, due);
    // Never twice: cancel the requests of pieces that the origin delivers now.
    this.#requests.cancel(segment, taken, !isTight);
    this.#tellFetching(
      segment,
      taken.filter((piece) => !mine.has(piece)),
    );
  }

  /** Measures the origin by one piece, preferably one that is not requested from a neighbour. */
  #probe(segment: AnnouncedSegment): void {
    if (!this.mayClimb || this.#transfers.size > 0) return;
    if (this.#outbox.awaits(this.#seenAt + PROBE_MS)) return;
    const pieces = segment.missingPieces().filter((piece) => segment.bytesOf(piece) >= PROBE_BYTES);
    const first = pieces.find((piece) => segment.isIdle(piece)) ?? pieces[0];
    if (first === undefined) return;
    this.#seenAt = this.#outbox.now;
    this.#tellFetching(segment, this.#transfers.startRuns(segment, [first], true));
  }

  /** On a thin line, wait until earlier segments have arrived: this one would take bandwidth from them. */
  #leavesRoom(segment: AnnouncedSegment, needMs: Millis): boolean {
    if (!this.#downlink.isThin(this.#book.followedRate) || !this.#book.isBehindUrgent(segment)) return false;
    // On a line that does not keep up with the stream, waiting would only make both late.
    const neededAt = needMs <= KEEPS_UP * segment.durationMs ? this.#book.urgency(segment) : segment.deadline;
    const hardAt = (neededAt ?? Number.POSITIVE_INFINITY) - leadMs(needMs, segment.durationMs);
    return this.#outbox.awaits(hardAt);
  }

  #isPieceDue(segment: AnnouncedSegment, piece: number, needMs: Millis, rank: number): boolean {
    const asked = segment.requests.asked.get(piece);
    // Requests to a neighbour that let several requests time out are not relied on.
    const at =
      asked === undefined || this.#neighbours.get(asked.peer)?.isCredible !== true
        ? this.#unaskedDueAt(segment, piece, needMs, rank)
        : this.#askedDueAt(segment, piece, asked, needMs);
    return !this.#outbox.awaits(at);
  }

  /** The neighbour delivers in time or rejects. A piece that has begun to arrive gets longer if it can be in time. */
  #askedDueAt(
    segment: AnnouncedSegment,
    piece: number,
    { peer, firstAt, frames }: Asked,
    needMs: Millis,
  ): Millis {
    const { deadline } = segment;
    if (deadline === undefined) return Number.POSITIVE_INFINITY;
    const lastCall = lastCallAt(deadline, needMs, segment.durationMs);
    if (firstAt === undefined) return lastCall;
    const rate = this.#neighbours.get(peer)?.rate.value ?? 1;
    const doneAt = firstAt + (segment.bytesOf(piece) / rate) * (1 + 1 / frames);
    return doneAt < deadline - FINISH_MS ? Math.max(lastCall, doneAt) : lastCall;
  }

  #unaskedDueAt(segment: AnnouncedSegment, piece: number, needMs: Millis, rank: number): Millis {
    const { requests } = segment;
    const elsewhereUntil = segment.origin.elsewhere.get(piece)?.until ?? 0;
    const isElsewhere = this.#outbox.awaits(elsewhereUntil);
    const grace = graceMs(needMs, segment.durationMs);
    return originDueAt({
      now: this.#outbox.now,
      deadline: segment.deadline,
      needMs,
      neighbours: this.#neighbours.size,
      expecting: this.#expecting,
      offered: isElsewhere || this.#anyoneHas(segment, piece),
      graceEndsAt: Math.max(
        elsewhereUntil,
        segment.announcedAt + grace,
        // While neighbours keep announcing pieces, the other pieces are on their way as well.
        requests.offeredAt + grace,
        this.#neighbours.greetedAt,
        requests.queriedAt + grace,
      ),
      expectedAt: isElsewhere ? elsewhereUntil : undefined,
      neededAt: this.#book.urgency(segment),
      durationMs: segment.durationMs,
      rank,
    });
  }

  get #expecting(): boolean {
    if (this.#neighbours.dialling) return true;
    const until =
      this.#neighbours.self === undefined
        ? this.#startedAt + PATIENCE_MS
        : this.#neighbours.joinedAt + INTRODUCTIONS_MS;
    return this.#outbox.awaits(until);
  }

  #anyoneHas(segment: AnnouncedSegment, piece: number): boolean {
    for (const neighbour of this.#neighbours.all()) {
      if (neighbour.isCredible && neighbour.has(segment, piece)) return true;
    }
    return false;
  }

  #tellFetching(segment: AnnouncedSegment, pieces: readonly number[]): void {
    if (!this.shares || pieces.length === 0) return;
    const frame = {
      type: 'fetching',
      segment: segment.id,
      pieces: PieceSet.of(segment.count, pieces),
    } as const;
    for (const peer of this.#neighbours.ids) this.#outbox.send(peer, frame);
  }

  #giveUpIfHopeless(segment: SegmentState): void {
    if (segment.origin.failures < MAX_FAILURES) return;
    // One piece that no neighbour has makes the others useless, and a neighbour that has all may never send them.
    const overdue = this.#outbox.now - (segment.deadline ?? 0) > OVERDUE_MS;
    if (!overdue && this.#isOffered(segment)) return;
    segment.origin.failures = 0;
    this.#book.answer(segment, { type: 'fail' });
  }

  /** Neighbours have every missing piece. */
  #isOffered(segment: SegmentState): boolean {
    if (segment.state !== 'announced') return false;
    const missing = segment.missingPieces();
    return missing.length > 0 && missing.every((piece) => this.#anyoneHas(segment, piece));
  }
}
