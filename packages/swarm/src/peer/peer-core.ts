import { type ControlFrame, DEFAULT_POLICY, type Millis, type PeerId, segmentKey } from '@freshet/protocol';
import { Downlink } from './estimates/downlink.ts';
import { HaveAnnouncer } from './uplink/have-announcer.ts';
import type { Neighbour } from './neighbours/neighbour.ts';
import { Neighbourhood } from './neighbours/neighbourhood.ts';
import { OriginEstimate } from './estimates/origin-estimate.ts';
import { OriginPlanner } from './origin/origin-planner.ts';
import { Outbox } from './api/outbox.ts';
import type { HangUpReason, PeerCommand } from './api/peer-command.ts';
import type { PeerEvent } from './api/peer-event.ts';
import { RequestPlanner } from './requests/request-planner.ts';
import { SegmentBook } from './segments/segment-book.ts';
import type { Plan, SegmentState } from './segments/segment-state.ts';
import { Uploader } from './uplink/uploader.ts';

export interface PeerCoreOptions {
  /** Bytes of segments kept for neighbours. Too low: nothing left to give; too high: the page's memory. */
  readonly storeBytes: number;
  /** Whether this viewer may give from the start. */
  readonly uploads: boolean;
}

/** With more than this waiting for the uplink, neighbours need not wait for what is fetched here: it would come late. */
const SHARING_BACKLOG_MS = 1500;

/** After all other events every plan is made anew: they are rare. What these touch, they touch by name. */
const TOUCHES_AT_MOST_ONE: ReadonlySet<PeerEvent['type']> = new Set<PeerEvent['type']>([
  'announced',
  'frame',
  'piece-progress',
  'piece-arrived',
  'piece-sent',
  'feedback',
  'origin-piece',
  'tick',
]);

/**
 * A viewer's decisions: what to take from whom and when, what to give, when to go to the origin.
 * An event and the time go in, commands come out; no clock, no chance, no bytes inside. Never throws on remote input.
 */
export class PeerCore {
  readonly #outbox = new Outbox();
  readonly #book: SegmentBook;
  readonly #neighbours: Neighbourhood;
  readonly #requests: RequestPlanner;
  readonly #origin: OriginPlanner;
  readonly #estimate = new OriginEstimate();
  readonly #downlink: Downlink;
  readonly #uploader: Uploader;
  readonly #announcer: HaveAnnouncer;
  /**
   * Neighbours that were introduced again, and whether to dial: they have lost the link, which may take this end ten
   * seconds to notice. Only until the old link is closed.
   */
  readonly #again = new Map<PeerId, boolean>();
  /** Whether the event at hand may have changed what plans rest on: more than half of all do not. */
  #moved = true;

  constructor(options: PeerCoreOptions, now: Millis) {
    this.#book = new SegmentBook(this.#outbox, options.storeBytes, (segment) =>
      this.#neighbours.copiesOf(segment),
    );
    this.#neighbours = new Neighbourhood(this.#outbox, DEFAULT_POLICY);
    this.#downlink = new Downlink(this.#estimate);
    this.#requests = new RequestPlanner(this.#outbox, this.#book, this.#neighbours, this.#downlink);
    this.#origin = new OriginPlanner(
      this.#outbox,
      this.#book,
      this.#neighbours,
      this.#requests,
      this.#estimate,
      this.#downlink,
      now,
    );
    this.#uploader = new Uploader(this.#outbox, this.#book, DEFAULT_POLICY, options.uploads, now);
    this.#announcer = new HaveAnnouncer(
      this.#outbox,
      this.#book,
      this.#neighbours,
      () => this.#uploader.backlogMs,
      options.uploads,
    );
  }

  /** When `tick` is due at the latest; undefined while only an event can change anything. */
  get wakeAt(): Millis | undefined {
    const { wakeAt } = this.#outbox;
    return wakeAt === Number.POSITIVE_INFINITY ? undefined : wakeAt;
  }

  /** Open links. */
  get neighbours(): readonly PeerId[] {
    return this.#neighbours.ids;
  }

  /** More neighbours are wanted. */
  get seeking(): boolean {
    return this.#neighbours.seeking;
  }

  /** Gives as well as takes. */
  get uploading(): boolean {
    return this.#uploader.active;
  }

  /** What the uplink carries, as far as it was needed; undefined until enough was sent. */
  get uplinkKbps(): number | undefined {
    return this.#uploader.uplinkKbps;
  }

  /** Pieces that it was asked to inject and did not have in time. */
  get lateInjections(): number {
    return this.#origin.lateInjections;
  }

  handle(event: PeerEvent, now: Millis): readonly PeerCommand[] {
    const { wakeAt, now: before } = this.#outbox;
    if (wakeAt <= now) this.#estimate.lagged(now - Math.max(wakeAt, before), now);
    this.#outbox.open(now);
    this.#take(event);
    if (this.#moved || wakeAt <= now) this.#decide(event.type);
    else this.#outbox.wakeBy(wakeAt);
    if (event.type !== 'leave') this.#uploader.plan();
    return this.#outbox.close();
  }

  #decide(on: PeerEvent['type']): void {
    for (const segment of this.#book.takeRetired()) this.#requests.cancel(segment, [...segment.asked.keys()]);
    this.#announcer.share(this.#uploader.active);
    this.#origin.share(this.#uploader.active && this.#uploader.backlogMs < SHARING_BACKLOG_MS);
    if (on === 'leave') return;
    if (on === 'tick') this.#review();
    this.#plan();
  }

  /** Who is of no use makes room for another. */
  #review(): void {
    for (const peer of this.#neighbours.silent()) this.#drop(peer, 'silent');
    const idle = this.#neighbours.takeIdle();
    if (idle !== undefined) this.#drop(idle, 'idle');
  }

  /** What an event did not touch stands as it was planned, until it is due again: most events touch one segment. */
  #plan(): void {
    const { now } = this.#outbox;
    const dialled = this.#neighbours.dialling;
    this.#neighbours.plan();
    if (this.#neighbours.dialling !== dialled) this.#book.touchAll();
    this.#requests.feedStarved();
    const active = this.#book.active();
    for (const segment of active) {
      this.#renew(segment.requestPlan, this.#requests, segment);
      this.#renew(segment.originPlan, this.#origin, segment);
    }
    for (const { requestPlan, originPlan } of active) {
      // A plan may touch another that was made before it.
      const isStale = requestPlan.isStale || originPlan.isStale;
      const againAt = isStale ? now : Math.min(requestPlan.againAt, originPlan.againAt);
      this.#outbox.wakeBy(againAt);
    }
  }

  #renew(plan: Plan, planner: RequestPlanner | OriginPlanner, segment: SegmentState): void {
    if (!plan.isStale && plan.againAt > this.#outbox.now) return;
    plan.isStale = false;
    plan.againAt = this.#outbox.watch(planner, segment);
  }

  #take(event: PeerEvent): void {
    this.#moved = true;
    if (!TOUCHES_AT_MOST_ONE.has(event.type)) this.#book.touchAll();
    switch (event.type) {
      case 'joined':
        this.#requests.joined(event.self);
        this.#origin.joined(event.self);
        break;
      case 'tracker-lost':
        this.#origin.trackerLost();
        break;
      case 'policy':
        this.#neighbours.apply(event.policy);
        this.#uploader.apply(event.policy);
        if (event.policy.mode === 'off') this.#dropAll('policy');
        break;
      case 'announced': {
        const segment = this.#book.announce(event.notice);
        this.#origin.announced(segment, event.notice.injectors);
        break;
      }
      case 'introduced':
        if (this.#neighbours.get(event.peer) === undefined)
          this.#neighbours.introduced(event.peer, event.dial);
        else {
          this.#again.set(event.peer, event.dial);
          this.#drop(event.peer, 'replaced');
        }
        break;
      case 'expelled':
        this.#drop(event.peer, 'expelled');
        break;
      case 'link-open': {
        const neighbour = this.#neighbours.opened(event.peer);
        if (neighbour !== undefined) this.#announcer.greet(neighbour);
        break;
      }
      case 'link-closed': {
        this.#lose(event.peer);
        const dial = this.#again.get(event.peer);
        this.#again.delete(event.peer);
        if (dial !== undefined) this.#neighbours.introduced(event.peer, dial);
        break;
      }
      case 'frame': {
        const neighbour = this.#neighbours.get(event.peer);
        if (neighbour !== undefined) this.#hear(neighbour, event.frame);
        break;
      }
      case 'piece-progress':
        this.#moved = false;
        this.#progress(event);
        break;
      case 'piece-arrived':
        this.#arrive(event);
        break;
      case 'piece-sent':
        this.#moved = false;
        this.#uploader.sent(event.peer, event.segment, event.piece);
        this.#neighbours.get(event.peer)?.used(this.#outbox.now);
        break;
      case 'feedback': {
        this.#moved = false;
        const neighbour = this.#neighbours.get(event.peer);
        if (neighbour === undefined) break;
        if (neighbour.countFrame(this.#outbox.now)) this.#uploader.feedback(event.peer, event.feedback);
        else this.#drop(event.peer, 'misbehaviour');
        break;
      }
      case 'misbehaved':
        this.#drop(event.peer, 'misbehaviour');
        break;
      case 'origin-piece': {
        const segment = this.#origin.segmentOf(event.fetch);
        if (segment === undefined) break;
        segment.fetching.delete(event.piece);
        this.#downlink.arrived(segment.bytesOf(event.piece), this.#outbox.now);
        this.#hold(segment, event.piece);
        this.#origin.spare(event.fetch, event.piece);
        break;
      }
      case 'origin-ended': {
        const segment = this.#origin.ended(event);
        if (segment !== undefined) this.#announcer.news(segment);
        break;
      }
      case 'list-ended':
        this.#origin.listEnded(segmentKey(event.segment));
        break;
      case 'want': {
        const segment = this.#book.want(event.segment, event.durationMs, event.deadline);
        segment.wants.set(event.want, event.deadline);
        this.#origin.mayClimb = event.mayClimb === true;
        this.#book.review(segment);
        if (segment.complete) this.#deliver(segment);
        break;
      }
      case 'unwant':
        this.#unwant(event.want);
        break;
      case 'deadline':
        this.#book.reschedule(event.want, event.deadline);
        break;
      case 'playing':
        this.#neighbours.started();
        break;
      case 'following':
        for (const segment of this.#book.follow(event.renditions)) this.#origin.abandon(segment);
        break;
      case 'uploads':
        this.#uploader.allow(event.allowed);
        break;
      case 'tick':
        break;
      case 'leave':
        for (const peer of this.#neighbours.ids)
          this.#outbox.put({ type: 'send', peer, frame: { type: 'bye' } });
        this.#dropAll('leaving');
        this.#again.clear();
        break;
    }
  }

  #hear(neighbour: Neighbour, frame: ControlFrame): void {
    if (!neighbour.countFrame(this.#outbox.now)) {
      this.#drop(neighbour.id, 'misbehaviour');
      return;
    }
    if (frame.type === 'bye') {
      this.#drop(neighbour.id, 'leaving');
      return;
    }
    const segment = this.#book.get(keyOf(frame));
    switch (frame.type) {
      case 'have':
        this.#learn(neighbour, segment, frame);
        if (segment !== undefined && frame.pieces.size === 0) this.#announcer.answer(neighbour, segment);
        break;
      case 'fetching':
        if (segment?.count === frame.pieces.length)
          this.#origin.fetchedElsewhere(segment, neighbour.id, frame.pieces);
        break;
      case 'request':
        if (segment !== undefined) segment.soughtAt = this.#outbox.now;
        this.#moved = false;
        this.#uploader.requested(neighbour.id, segment, frame.segment, frame.pieces, frame.withinMs);
        break;
      case 'cancel':
        this.#moved = false;
        this.#uploader.cancelled(neighbour.id, keyOf(frame), frame.pieces);
        break;
      case 'reject':
        if (segment?.count === frame.pieces.length) this.#rejected(neighbour, segment, frame);
        break;
    }
  }

  /** What it has now can be asked for; what it has no longer must come from elsewhere. */
  #learn(
    neighbour: Neighbour,
    segment: SegmentState | undefined,
    { pieces, segment: id, backlogMs }: Extract<ControlFrame, { type: 'have' }>,
  ): void {
    neighbour.tellsBacklog(backlogMs, this.#outbox.now);
    if (neighbour.refuses) this.#book.touchAll();
    else this.#moved = false;
    const before = segment && neighbour.piecesOf(segment);
    neighbour.learn(segment, segmentKey(id), pieces);
    if (segment === undefined || segment.complete) return;
    // What it lacked when it was asked it may have by now.
    if (segment.declined.size > 0) this.#requests.offered(segment, neighbour, pieces);
    for (let piece = 0; piece < segment.count; piece++) {
      const had = before?.has(piece) === true;
      if (had === pieces.has(piece) || !segment.isIdle(piece)) continue;
      this.#moved = true;
      segment.requestPlan.isStale = true;
      if (had) segment.originPlan.isStale = true;
      else segment.offeredAt = this.#outbox.now;
    }
  }

  #rejected(
    neighbour: Neighbour,
    segment: SegmentState,
    frame: Extract<ControlFrame, { type: 'reject' }>,
  ): void {
    neighbour.answered();
    neighbour.tellsBacklog(frame.backlogMs, this.#outbox.now);
    segment.touch();
    for (const piece of frame.pieces) {
      this.#requests.settle(segment, piece, neighbour.id);
      if (frame.reason === 'absent') neighbour.lacks(segment, piece);
      if (frame.reason !== 'refused')
        this.#requests.declined(segment, piece, neighbour, frame.reason === 'busy');
    }
    if (frame.reason === 'refused') {
      neighbour.refuses = true;
      this.#book.touchAll();
    }
  }

  #progress(event: Extract<PeerEvent, { type: 'piece-progress' }>): void {
    const { now } = this.#outbox;
    const neighbour = this.#neighbours.get(event.peer);
    neighbour?.tellsBacklog(event.backlogMs, now);
    const asked = this.#book.get(event.segment)?.asked.get(event.piece);
    if (asked?.peer !== event.peer) return;
    if (asked.firstAt === undefined) {
      asked.firstAt = now;
      neighbour?.begins(asked, now);
    }
    asked.frames++;
    asked.touchedAt = now;
  }

  #arrive(event: Extract<PeerEvent, { type: 'piece-arrived' }>): void {
    const segment = this.#book.get(event.segment);
    if (segment === undefined || event.piece >= segment.count) return;
    segment.requestPlan.isStale = true;
    this.#downlink.arrived(segment.bytesOf(event.piece), this.#outbox.now);
    const neighbour = this.#neighbours.get(event.peer);
    const asked = this.#requests.settle(segment, event.piece, event.peer);
    if (event.verdict === 'bad') {
      segment.touch();
      if (neighbour !== undefined) this.#accuse(neighbour, segment, event.piece);
      return;
    }
    if (asked !== undefined) neighbour?.delivered(asked, segment.bytesOf(event.piece), this.#outbox.now);
    neighbour?.answered();
    if (event.verdict === 'good') this.#hold(segment, event.piece);
  }

  #accuse(neighbour: Neighbour, segment: SegmentState, piece: number): void {
    // It is not asked for this one again; a second bad piece ends the link.
    neighbour.lacks(segment, piece);
    this.#outbox.put({ type: 'report-pollution', peer: neighbour.id, segment: segment.id, piece });
    if (this.#neighbours.strike(neighbour)) this.#drop(neighbour.id, 'pollution');
  }

  #hold(segment: SegmentState, piece: number): void {
    if (piece >= segment.count || segment.held.has(piece)) return;
    this.#requests.cancel(segment, [piece]);
    const fetch = segment.fetching.get(piece);
    segment.fetching.delete(piece);
    this.#book.hold(segment, piece);
    if (fetch !== undefined) this.#origin.spare(fetch);
    this.#announcer.news(segment);
    if (segment.complete) this.#deliver(segment);
  }

  #deliver(segment: SegmentState): void {
    for (const want of segment.wants.keys())
      this.#outbox.put({ type: 'deliver', want, segment: segment.key });
    segment.wants.clear();
    this.#book.review(segment);
  }

  #unwant(want: number): void {
    for (const segment of this.#book.active()) {
      if (!segment.wants.delete(want)) continue;
      this.#book.review(segment);
      if (this.#book.isActive(segment)) continue;
      this.#origin.abandon(segment);
    }
  }

  #dropAll(why: HangUpReason): void {
    for (const peer of this.#neighbours.everyone) this.#drop(peer, why);
  }

  #drop(peer: PeerId, why: HangUpReason): void {
    this.#neighbours.hangUp(peer, why);
    this.#lose(peer);
  }

  #lose(peer: PeerId): void {
    this.#book.touchAll();
    this.#neighbours.closed(peer);
    this.#requests.lost(peer);
    this.#uploader.closed(peer);
    this.#announcer.closed(peer);
  }
}

function keyOf(frame: Exclude<ControlFrame, { type: 'bye' }>): string {
  return segmentKey(frame.segment);
}
