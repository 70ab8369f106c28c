import { type Millis, type PeerId, PieceSet, type SegmentKey } from '@freshet/protocol';
import type { Downlink } from '../estimates/downlink.ts';
import { ListPlanner } from './list-planner.ts';
import type { Neighbourhood } from '../neighbours/neighbourhood.ts';
import type { OriginEstimate } from '../estimates/origin-estimate.ts';
import { graceMs, injectionGraceMs, lastCallAt, leadMs, originDueAt } from './origin-rule.ts';
import type { Outbox } from '../api/outbox.ts';
import type { FetchId, PeerEvent } from '../api/peer-event.ts';
import { rendezvousRank } from '../neighbours/rendezvous.ts';
import type { RequestPlanner } from '../requests/request-planner.ts';
import type { SegmentBook } from '../segments/segment-book.ts';
import type { Asked, SegmentState } from '../segments/segment-state.ts';

/** An origin keeps up that needs no longer than this many durations of a segment, by an estimate that is careful. */
const KEEPS_UP = 1.1;
/** Transfers at a time: a browser gives one host six connections, and the playlist needs one of them. */
const MAX_FETCHES = 4;
/** How long after a viewer came the tracker and the first links are hoped for. */
const PATIENCE_MS = 3000;
/** How long after the join the first introductions are hoped for. */
const INTRODUCTIONS_MS = 500;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 2000;
/** Failed transfers of one segment in a row before the player is told, when neighbours cannot complete it either. */
const MAX_FAILURES = 4;
/** While the player may climb, no longer than this goes by without a piece from the origin. */
export const PROBE_MS = 5000;
/** A smaller one, as of subtitles, proves nothing. */
const PROBE_BYTES = 16 * 1024;
/** A piece that has begun to come is awaited when it is complete this long before its deadline. */
const FINISH_MS = 100;
/** This long after its deadline a segment that the origin does not give is not awaited from neighbours either. */
const OVERDUE_MS = 4000;

type Ended = Extract<PeerEvent, { type: 'origin-ended' }>;

interface Transfer {
  readonly segment: SegmentState;
  /** The last piece of its span; undefined: the segment's. */
  readonly last: number | undefined;
  /** Taken to see how fast the origin is, whoever else brings the piece. */
  readonly probes: boolean;
  calledOff: boolean;
}

/** Decides what is taken from the origin, and when. The guarantee of the stream lies here. */
export class OriginPlanner {
  readonly #outbox: Outbox;
  readonly #book: SegmentBook;
  readonly #neighbours: Neighbourhood;
  readonly #estimate: OriginEstimate;
  readonly #downlink: Downlink;
  readonly #requests: Pick<RequestPlanner, 'cancel'>;
  readonly #fetches = new Map<FetchId, Transfer>();
  readonly #lists: ListPlanner;
  readonly #startedAt: Millis;
  #nextFetch: FetchId = 1;
  #self: PeerId | undefined;
  #joinedAt: Millis = 0;
  #lateInjections = 0;
  /** Whether what is fetched will be given on, so that neighbours may wait for it. */
  #shares = true;
  /** When the origin was last seen at work, or asked to show it. */
  #seenAt: Millis;
  /**
   * The player would go to a higher level if it knew the origin to be fast enough. Where neighbours bring everything
   * nothing would tell it, and it would stay low for ever: then a piece is taken from the origin now and again.
   */
  mayClimb = false;

  constructor(
    outbox: Outbox,
    book: SegmentBook,
    neighbours: Neighbourhood,
    requests: Pick<RequestPlanner, 'cancel'>,
    estimate: OriginEstimate,
    downlink: Downlink,
    now: Millis,
  ) {
    this.#outbox = outbox;
    this.#book = book;
    this.#neighbours = neighbours;
    this.#requests = requests;
    this.#estimate = estimate;
    this.#downlink = downlink;
    this.#lists = new ListPlanner(outbox, book);
    this.#startedAt = this.#seenAt = now;
  }

  /** Pieces that this viewer was asked to inject and did not have when the others stopped waiting for them. */
  get lateInjections(): number {
    return this.#lateInjections;
  }

  joined(self: PeerId): void {
    this.#self = self;
    this.#joinedAt = this.#outbox.now;
    this.#lists.joined();
  }

  trackerLost(): void {
    this.#lists.trackerLost();
  }

  listEnded(key: SegmentKey): void {
    this.#lists.ended(key, this.#book.get(key));
  }

  share(shares: boolean): void {
    this.#shares = shares;
  }

  /** An announcement says who injects what: the others' pieces are expected, one's own are to be taken. */
  announced(
    segment: SegmentState,
    injectors: readonly { peer: PeerId; first: number; count: number }[],
  ): void {
    const need = this.#estimate.needMs(segment.bytes);
    const leftMs = this.#book.urgency(segment) - this.#outbox.now;
    const until = this.#outbox.now + injectionGraceMs(need, segment.durationMs, leftMs);
    const mine: number[] = [];
    for (const { peer, first, count } of injectors) {
      for (let piece = first; piece < Math.min(first + count, segment.count); piece++) {
        if (peer === this.#self) mine.push(piece);
        else segment.elsewhere.set(piece, { peer, until });
      }
    }
    segment.mine = mine;
    segment.mineDueAt = mine.length > 0 ? until : undefined;
    if (segment.wholeFetch === undefined) return;
    for (const piece of segment.missingPieces()) segment.fetching.set(piece, segment.wholeFetch);
  }

  /** A neighbour takes these pieces from the origin: no need to go there as well for a while. */
  fetchedElsewhere(segment: SegmentState, peer: PeerId, pieces: PieceSet): void {
    const until = this.#outbox.now + graceMs(this.#estimate.needMs(segment.bytes), segment.durationMs);
    for (const piece of pieces) segment.elsewhere.set(piece, { peer, until });
    segment.touch();
  }

  segmentOf(fetch: FetchId): SegmentState | undefined {
    return this.#fetches.get(fetch)?.segment;
  }

  plan(segment: SegmentState): void {
    if (this.#outbox.now < segment.originRetryAt) this.#outbox.wakeBy(segment.originRetryAt);
    else if (!segment.announced || segment.unverifiable) this.#planWhole(segment);
    else this.#planPieces(segment);
  }

  /**
   * A transfer that has nothing left to bring but what is held already would only take up the line.
   * @param brought the piece of it that just came; the last one ends it anyway.
   */
  spare(fetch: FetchId, brought?: number): void {
    const transfer = this.#fetches.get(fetch);
    if (transfer === undefined || transfer.calledOff || transfer.probes) return;
    const { segment, last } = transfer;
    if (!segment.announced || brought === (last ?? segment.count - 1)) return;
    for (const other of segment.fetching.values()) if (other === fetch) return;
    this.#callOff(fetch, transfer);
  }

  ended(event: Ended): SegmentState | undefined {
    const segment = this.#fetches.get(event.fetch)?.segment;
    if (segment === undefined) return undefined;
    this.#fetches.delete(event.fetch);
    for (const [piece, fetch] of segment.fetching) if (fetch === event.fetch) segment.fetching.delete(piece);
    const whole = segment.wholeFetch === event.fetch;
    if (whole) segment.wholeFetch = undefined;
    switch (event.outcome) {
      case 'mismatch':
        segment.unverifiable = true;
        break;
      case 'ok':
        segment.originFailures = 0;
        break;
      case 'failed': {
        const wished = Math.max(event.retryAfterMs ?? 0, FIRST_RETRY_MS * 2 ** segment.originFailures++);
        const pause = Math.min(LAST_RETRY_MS, wished);
        segment.originRetryAt = this.#outbox.now + pause;
        this.#giveUpIfHopeless(segment);
        return segment;
      }
      case 'aborted':
        return segment;
    }
    this.#seenAt = this.#outbox.now;
    this.#estimate.sample(event.bytes, event.ttfbMs, event.elapsedMs);
    if (whole && !segment.complete) this.#deliver(segment, event.fetch);
    return segment;
  }

  /** Nobody here needs the segment any more. */
  abandon(segment: SegmentState): void {
    for (const [fetch, transfer] of this.#fetches)
      if (transfer.segment === segment) this.#callOff(fetch, transfer);
  }

  #planWhole(segment: SegmentState): void {
    if (segment.wants.size === 0) return;
    if (!segment.announced) this.#lists.plan(segment);
    if (segment.wholeFetch !== undefined) return;
    const dueAt = segment.unverifiable ? this.#outbox.now : this.#unannouncedDueAt(segment);
    if (dueAt > this.#outbox.now) this.#outbox.wakeBy(dueAt);
    else segment.wholeFetch = this.#fetch(segment);
  }

  /** Without a piece list only the origin can serve: wait for the list if it may come, never past the deadline. */
  #unannouncedDueAt(segment: SegmentState): Millis {
    const need = this.#estimate.needMs((this.#book.followedRate ?? 0) * segment.durationMs);
    const hardAt = (segment.deadline ?? this.#outbox.now) - leadMs(need, segment.durationMs);
    const patience =
      this.#self === undefined ? this.#startedAt + PATIENCE_MS : this.#lists.awaitedUntil(segment);
    return Math.min(hardAt, patience);
  }

  /** Those who wait for this viewer's pieces go to the origin themselves about now. */
  #countLate(segment: SegmentState): void {
    if (segment.mineDueAt === undefined) return;
    if (this.#outbox.now < segment.mineDueAt) {
      this.#outbox.wakeBy(segment.mineDueAt);
      return;
    }
    segment.mineDueAt = undefined;
    for (const piece of segment.mine) if (!segment.held.has(piece)) this.#lateInjections++;
  }

  #planPieces(segment: SegmentState): void {
    this.#countLate(segment);
    const due = new Set<number>();
    const needMs = this.#estimate.needMs(segment.missingBytes);
    if (this.#leavesRoom(segment, needMs)) return;
    const rank = this.#self === undefined ? 0 : rendezvousRank(segment.key, this.#self, this.#neighbours.ids);
    const mine = new Set(segment.mine);
    const { deadline } = segment;
    const isTight = deadline !== undefined && this.#downlink.isTight(segment, deadline - this.#outbox.now);
    for (const piece of segment.missingPieces()) {
      if (segment.fetching.has(piece)) continue;
      if (mine.has(piece) && !segment.asked.has(piece)) due.add(piece);
      else if (isTight || this.#pieceDueAt(segment, piece, needMs, rank) <= this.#outbox.now) due.add(piece);
    }
    if (due.size === 0) this.#probe(segment);
    const taken = [...due].sort((a, b) => a - b);
    if (taken.length === 0 || !this.#fetchRuns(segment, taken)) return;
    // Never twice: what comes from the origin is taken back from whoever was asked.
    this.#requests.cancel(
      segment,
      taken.filter((piece) => segment.fetching.has(piece)),
      !isTight,
    );
    const unasked = taken.filter((piece) => !mine.has(piece));
    if (this.#shares && unasked.length > 0) this.#tellFetching(segment, unasked);
  }

  /** Preferably a piece that nobody was asked for. */
  #probe(segment: SegmentState): void {
    if (!this.mayClimb || this.#fetches.size > 0) return;
    const dueAt = this.#seenAt + PROBE_MS;
    if (dueAt > this.#outbox.now) {
      this.#outbox.wakeBy(dueAt);
      return;
    }
    const pieces = segment.missingPieces().filter((piece) => segment.bytesOf(piece) >= PROBE_BYTES);
    const first = pieces.find((piece) => segment.isIdle(piece)) ?? pieces[0];
    if (first === undefined) return;
    this.#seenAt = this.#outbox.now;
    segment.fetching.set(first, this.#fetch(segment, { first, last: first }, true));
    if (this.#shares) this.#tellFetching(segment, [first]);
  }

  /** Until what the player needs first has come: what is later would take its place on a thin line. */
  #leavesRoom(segment: SegmentState, needMs: Millis): boolean {
    if (!this.#downlink.isThin(this.#book.followedRate) || !this.#book.isBehindUrgent(segment)) return false;
    // A line that does not keep up with the stream would only bring both late.
    const neededAt = needMs <= KEEPS_UP * segment.durationMs ? this.#book.urgency(segment) : segment.deadline;
    const hardAt = (neededAt ?? Number.POSITIVE_INFINITY) - leadMs(needMs, segment.durationMs);
    if (hardAt <= this.#outbox.now) return false;
    this.#outbox.wakeBy(hardAt);
    return true;
  }

  #pieceDueAt(segment: SegmentState, piece: number, needMs: Millis, rank: number): Millis {
    const asked = segment.asked.get(piece);
    // A neighbour that let several requests run out of time is asked, but not relied on.
    const at =
      asked === undefined || this.#neighbours.get(asked.peer)?.isCredible !== true
        ? this.#unaskedDueAt(segment, piece, needMs, rank)
        : this.#askedDueAt(segment, piece, asked, needMs);
    if (at > this.#outbox.now) this.#outbox.wakeBy(at);
    return at;
  }

  /** The neighbour sends it in time or says that it cannot; what has begun to come is awaited as long as it may be in time. */
  #askedDueAt(
    segment: SegmentState,
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

  #unaskedDueAt(segment: SegmentState, piece: number, needMs: Millis, rank: number): Millis {
    const elsewhereUntil = segment.elsewhere.get(piece)?.until ?? 0;
    const isElsewhere = elsewhereUntil > this.#outbox.now;
    if (isElsewhere) this.#outbox.wakeBy(elsewhereUntil);
    const grace = graceMs(needMs, segment.durationMs);
    return originDueAt({
      now: this.#outbox.now,
      deadline: segment.deadline,
      needMs,
      needInsteadMs: needMs,
      neighbours: this.#neighbours.size,
      expecting: this.#expecting,
      offered: isElsewhere || this.#anyoneHas(segment, piece),
      graceEndsAt: Math.max(
        elsewhereUntil,
        segment.announcedAt + grace,
        // While pieces keep coming through the swarm, the others are on their way as well.
        segment.offeredAt + grace,
        this.#neighbours.greetedAt,
        segment.queriedAt + grace,
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
      this.#self === undefined ? this.#startedAt + PATIENCE_MS : this.#joinedAt + INTRODUCTIONS_MS;
    if (this.#outbox.now >= until) return false;
    this.#outbox.wakeBy(until);
    return true;
  }

  #anyoneHas(segment: SegmentState, piece: number): boolean {
    for (const neighbour of this.#neighbours.all()) {
      if (neighbour.isCredible && neighbour.has(segment, piece)) return true;
    }
    return false;
  }

  /** One Range request for each unbroken run. @returns whether any was started. */
  #fetchRuns(segment: SegmentState, pieces: readonly number[]): boolean {
    let started = false;
    let first = pieces[0] ?? 0;
    for (const [i, piece] of pieces.entries()) {
      if (pieces[i + 1] === piece + 1) continue;
      if (this.#fetches.size >= MAX_FETCHES) break; // The next plan, when one has ended, takes the rest.
      const fetch = this.#fetch(segment, { first, last: piece });
      for (let taken = first; taken <= piece; taken++) segment.fetching.set(taken, fetch);
      started = true;
      first = pieces[i + 1] ?? 0;
    }
    return started;
  }

  #fetch(segment: SegmentState, span?: { first: number; last: number }, probes = false): FetchId {
    const fetch = this.#nextFetch++;
    this.#fetches.set(fetch, { segment, last: span?.last, probes, calledOff: false });
    segment.fetchedSince = this.#outbox.now;
    const command = { type: 'fetch', fetch, segment: segment.id } as const;
    this.#outbox.put(span === undefined ? command : { ...command, span });
    return fetch;
  }

  #callOff(fetch: FetchId, transfer: Transfer): void {
    if (transfer.calledOff) return;
    transfer.calledOff = true;
    this.#outbox.put({ type: 'abort-fetch', fetch });
  }

  #tellFetching(segment: SegmentState, pieces: readonly number[]): void {
    const fetching = pieces.filter((piece) => segment.fetching.has(piece));
    if (fetching.length === 0) return;
    const frame = {
      type: 'fetching',
      segment: segment.id,
      pieces: PieceSet.of(segment.count, fetching),
    } as const;
    for (const peer of this.#neighbours.ids) this.#outbox.put({ type: 'send', peer, frame });
  }

  #deliver(segment: SegmentState, fetch: FetchId): void {
    for (const want of segment.wants.keys()) {
      this.#outbox.put({ type: 'deliver', want, segment: segment.key, fetch });
    }
    segment.wants.clear();
    this.#book.review(segment);
  }

  #giveUpIfHopeless(segment: SegmentState): void {
    if (segment.originFailures < MAX_FAILURES) return;
    // One piece that nobody has makes the others useless. And who has them all may still never send them.
    const overdue = this.#outbox.now - (segment.deadline ?? 0) > OVERDUE_MS;
    const missing = segment.announced ? segment.missingPieces() : [];
    if (missing.length > 0 && !overdue && missing.every((piece) => this.#anyoneHas(segment, piece))) return;
    for (const want of segment.wants.keys()) this.#outbox.put({ type: 'fail', want, segment: segment.key });
    segment.wants.clear();
    segment.originFailures = 0;
    this.#book.review(segment);
  }
}
