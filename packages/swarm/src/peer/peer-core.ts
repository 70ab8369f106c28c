import { type ControlFrame, DEFAULT_POLICY, type Millis, type PeerId, segmentKey } from '@freshet/protocol';
import { Outbox } from './api/outbox.ts';
import type { HangUpReason, PeerCommand } from './api/peer-command.ts';
import type { FrequentType, PeerEvent } from './api/peer-event.ts';
import type { Planned } from './segments/planner-records.ts';
import { SegmentBook } from './segments/segment-book.ts';
import type { AnnouncedSegment, SegmentState } from './segments/segment-state.ts';
import { Downlink } from './estimates/downlink.ts';
import { OriginEstimate } from './estimates/origin-estimate.ts';
import type { Neighbour } from './neighbours/neighbour.ts';
import { Neighbourhood } from './neighbours/neighbourhood.ts';
import { RequestPlanner } from './requests/request-planner.ts';
import { ListPlanner } from './origin/list-planner.ts';
import { OriginPlanner } from './origin/origin-planner.ts';
import { Transfers } from './origin/transfers.ts';
import { HaveAnnouncer } from './uplink/have-announcer.ts';
import { Uploader } from './uplink/uploader.ts';

export interface PeerCoreOptions {
  /** Bytes of segments kept for neighbours. Too low: nothing left to upload; too high: the page runs out of memory. */
  readonly storeBytes: number;
  /** Whether this viewer may upload from the start. */
  readonly uploads: boolean;
}

/** With a longer upload backlog than this, neighbours are not told of transfers: the pieces would reach them late. */
const SHARING_BACKLOG_MS = 1500;

/**
 * A viewer's decisions: which pieces to request from which neighbour and when, what to upload, when to use the origin.
 * It takes an event and the time and returns commands; it has no clock, no randomness and no bytes of segments.
 * It never throws on remote input.
 */
export class PeerCore {
  readonly #outbox = new Outbox();
  readonly #book: SegmentBook;
  readonly #neighbours: Neighbourhood;
  readonly #requests: RequestPlanner;
  readonly #origin: OriginPlanner;
  readonly #lists: ListPlanner;
  readonly #transfers = new Transfers(this.#outbox);
  readonly #estimate = new OriginEstimate();
  readonly #downlink: Downlink;
  readonly #uploader: Uploader;
  readonly #announcer: HaveAnnouncer;
  /** Whether the current event may have changed the input of a plan. More than half of all events do not. */
  #moved = true;

  constructor(options: PeerCoreOptions, now: Millis) {
    this.#book = new SegmentBook(this.#outbox, options.storeBytes, (segment) =>
      this.#neighbours.copiesOf(segment),
    );
    this.#neighbours = new Neighbourhood(this.#outbox, DEFAULT_POLICY);
    this.#downlink = new Downlink(this.#estimate);
    this.#requests = new RequestPlanner(this.#outbox, this.#book, this.#neighbours, this.#downlink);
    this.#lists = new ListPlanner(this.#outbox, this.#book, this.#neighbours);
    this.#origin = new OriginPlanner(
      this.#outbox,
      this.#book,
      this.#neighbours,
      this.#requests,
      this.#estimate,
      this.#downlink,
      this.#lists,
      this.#transfers,
      now,
    );
    this.#uploader = new Uploader(this.#outbox, this.#book, DEFAULT_POLICY, options.uploads, now);
    this.#announcer = new HaveAnnouncer(
      this.#outbox,
      this.#book,
      this.#neighbours,
      this.#uploader,
      options.uploads,
    );
  }

  /** The latest time for the next `tick`; undefined while only an event can change anything. */
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

  /** Uploads to neighbours. */
  get uploading(): boolean {
    return this.#uploader.active;
  }

  /** Measured capacity of the uplink, as far as it was used; undefined until enough was sent. */
  get uplinkKbps(): number | undefined {
    return this.#uploader.uplinkKbps;
  }

  /** Pieces that the tracker asked this viewer to inject and that it did not have in time. */
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
    for (const segment of this.#book.takeRetired())
      if (segment.state === 'announced') this.#requests.cancel(segment);
    this.#announcer.share(this.#uploader.active);
    this.#origin.shares = this.#uploader.active && this.#uploader.backlogMs < SHARING_BACKLOG_MS;
    if (on === 'leave') return;
    if (on === 'tick') this.#review();
    this.#plan();
  }

  /** Drops silent and idle neighbours. */
  #review(): void {
    for (const peer of this.#neighbours.silent()) this.#drop(peer, 'silent');
    const idle = this.#neighbours.takeIdle();
    if (idle !== undefined) this.#drop(idle, 'idle');
  }

  /** Renews only the plans that are due or that the event touched: most events touch one segment. */
  #plan(): void {
    const { now } = this.#outbox;
    const dialled = this.#neighbours.dialling;
    this.#neighbours.plan();
    if (this.#neighbours.dialling !== dialled) this.#book.touchAll();
    this.#requests.feedStarved();
    const active = this.#book.active();
    for (const segment of active) {
      if (segment.state === 'announced') this.#renew(this.#requests, segment, segment.requests);
      this.#renew(this.#origin, segment, segment.origin);
    }
    // A plan may touch a plan that was renewed before it.
    for (const segment of active) {
      if (segment.state === 'announced') this.#outbox.wakeBy(Math.max(now, segment.requests.planAt));
      this.#outbox.wakeBy(Math.max(now, segment.origin.planAt));
    }
  }

  #renew<Segment>(planner: { plan(segment: Segment): void }, segment: Segment, planned: Planned): void {
    if (planned.planAt <= this.#outbox.now) planned.planAt = this.#outbox.watch(planner, segment);
  }

  #take(event: PeerEvent): void {
    this.#moved = true;
    switch (event.type) {
      case 'announced': {
        const segment = this.#book.announce(event.notice);
        this.#origin.announced(segment, event.notice.injectors);
        break;
      }
      case 'frame': {
        const neighbour = this.#sender(event.peer);
        if (neighbour !== undefined) this.#hear(neighbour, event.frame);
        break;
      }
      case 'piece-progress':
        this.#moved = false;
        this.#neighbours.get(event.peer)?.tellsBacklog(event.backlogMs, this.#outbox.now);
        this.#requests.progress(this.#book.get(event.segment), event);
        break;
      case 'piece-arrived':
        this.#arrive(event);
        break;
      case 'piece-sent':
        this.#moved = false;
        this.#uploader.sent(event.peer, event.segment, event.piece);
        this.#neighbours.get(event.peer)?.used(this.#outbox.now);
        break;
      case 'feedback':
        this.#moved = false;
        if (this.#sender(event.peer) !== undefined) this.#uploader.feedback(event.peer, event.feedback);
        break;
      case 'origin-piece': {
        const segment = this.#transfers.arrived(event.fetch, event.piece);
        if (segment === undefined) break;
        this.#downlink.arrived(segment.bytesOf(event.piece), this.#outbox.now);
        this.#hold(segment, event.piece);
        this.#transfers.spare(event.fetch, event.piece);
        break;
      }
      case 'tick':
        break;
      default:
        this.#book.touchAll();
        this.#takeRare(event);
    }
  }

  /** Events that may affect every plan. Handlers of the frequent events touch only the plans that they affect. */
  #takeRare(event: Exclude<PeerEvent, { type: FrequentType }>): void {
    switch (event.type) {
      case 'joined':
        this.#neighbours.self = event.self;
        this.#neighbours.joinedAt = this.#outbox.now;
        this.#lists.silent = false;
        break;
      case 'tracker-lost':
        this.#lists.silent = true;
        break;
      case 'policy':
        this.#neighbours.apply(event.policy);
        this.#uploader.apply(event.policy);
        if (event.policy.mode === 'off') this.#dropAll('policy');
        break;
      case 'introduced':
        if (this.#neighbours.introduced(event.peer, event.dial)) this.#drop(event.peer, 'replaced');
        break;
      case 'expelled':
        this.#drop(event.peer, 'expelled');
        break;
      case 'link-open': {
        const neighbour = this.#neighbours.opened(event.peer);
        if (neighbour !== undefined) this.#announcer.greet(neighbour);
        break;
      }
      case 'link-closed':
        this.#lose(event.peer);
        this.#neighbours.linkAnew(event.peer);
        break;
      case 'misbehaved':
        this.#drop(event.peer, 'misbehaviour');
        break;
      case 'origin-ended': {
        const segment = this.#origin.ended(event);
        if (segment?.state === 'announced') this.#announcer.news(segment);
        break;
      }
      case 'list-ended':
        this.#lists.ended(segmentKey(event.segment));
        break;
      case 'want': {
        this.#origin.mayClimb = event.mayClimb === true;
        const segment = this.#book.want(event.want, event.segment, event.durationMs, event.deadline);
        if (segment.complete) this.#book.answer(segment, { type: 'deliver' });
        break;
      }
      case 'unwant':
        for (const segment of this.#book.unwant(event.want)) this.#transfers.abandon(segment);
        break;
      case 'deadline':
        this.#book.reschedule(event.want, event.deadline);
        break;
      case 'playing':
        this.#neighbours.started();
        break;
      case 'following':
        for (const segment of this.#book.follow(event.renditions)) this.#transfers.abandon(segment);
        break;
      case 'uploads':
        this.#uploader.allow(event.allowed);
        break;
      case 'leave':
        for (const peer of this.#neighbours.ids) this.#outbox.send(peer, { type: 'bye' });
        this.#dropAll('leaving');
        this.#neighbours.leave();
        break;
    }
  }

  /** The neighbour that a frame came from; undefined: it is gone, or is dropped now because it floods. */
  #sender(peer: PeerId): Neighbour | undefined {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour?.countFrame(this.#outbox.now) !== false) return neighbour;
    this.#drop(peer, 'misbehaviour');
    return undefined;
  }

  #hear(neighbour: Neighbour, frame: ControlFrame): void {
    if (frame.type === 'bye') {
      this.#drop(neighbour.id, 'leaving');
      return;
    }
    const key = segmentKey(frame.segment);
    const segment = this.#book.get(key);
    switch (frame.type) {
      case 'have':
        this.#learn(neighbour, segment, frame);
        if (segment !== undefined && frame.pieces.size === 0) this.#announcer.answer(neighbour, segment);
        break;
      case 'fetching':
        if (segment?.state === 'announced' && segment.count === frame.pieces.length)
          this.#origin.fetchedElsewhere(segment, neighbour.id, frame.pieces);
        break;
      case 'request':
        this.#moved = false;
        if (this.#uploader.requested(neighbour.id, segment, frame.segment, frame.pieces, frame.withinMs)) {
          this.#moved = true;
          this.#drop(neighbour.id, 'misbehaviour');
        }
        break;
      case 'cancel':
        this.#moved = false;
        this.#uploader.cancelled(neighbour.id, key, frame.pieces);
        break;
      case 'reject':
        if (segment?.state === 'announced' && segment.count === frame.pieces.length)
          this.#rejected(neighbour, segment, frame);
        break;
    }
  }

  /** Pieces that it has now can be requested; pieces that it dropped have to come from elsewhere. */
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
    if (segment?.state !== 'announced' || segment.complete) return;
    if (this.#requests.offered(segment, neighbour, before, pieces)) this.#moved = true;
  }

  #rejected(
    neighbour: Neighbour,
    segment: AnnouncedSegment,
    frame: Extract<ControlFrame, { type: 'reject' }>,
  ): void {
    neighbour.answered();
    neighbour.tellsBacklog(frame.backlogMs, this.#outbox.now);
    segment.touch();
    this.#requests.rejected(segment, neighbour, frame);
    if (frame.reason === 'absent') for (const piece of frame.pieces) neighbour.lacks(segment, piece);
    if (frame.reason === 'refused') {
      neighbour.refuses = true;
      this.#book.touchAll();
    }
  }

  #arrive(event: Extract<PeerEvent, { type: 'piece-arrived' }>): void {
    const segment = this.#book.get(event.segment);
    if (segment?.state !== 'announced' || event.piece >= segment.count) return;
    this.#downlink.arrived(segment.bytesOf(event.piece), this.#outbox.now);
    const neighbour = this.#neighbours.get(event.peer);
    const asked = this.#requests.arrived(segment, event.piece, event.peer);
    if (event.verdict === 'bad') {
      segment.touch();
      if (neighbour !== undefined) this.#accuse(neighbour, segment, event.piece);
      return;
    }
    if (asked !== undefined) neighbour?.delivered(asked, segment.bytesOf(event.piece), this.#outbox.now);
    neighbour?.answered();
    if (event.verdict === 'good') this.#hold(segment, event.piece);
  }

  #accuse(neighbour: Neighbour, segment: AnnouncedSegment, piece: number): void {
    // This piece is not requested from it again; a second bad piece ends the link.
    neighbour.lacks(segment, piece);
    this.#outbox.put({ type: 'report-pollution', peer: neighbour.id, segment: segment.id, piece });
    if (this.#neighbours.strike(neighbour)) this.#drop(neighbour.id, 'pollution');
  }

  #hold(segment: AnnouncedSegment, piece: number): void {
    // An aborted transfer may still bring pieces of a segment that was discarded in the meantime.
    if (piece >= segment.count || segment.held.has(piece) || !this.#book.knows(segment)) return;
    this.#requests.cancel(segment, [piece]);
    const fetch = this.#transfers.brought(segment, piece);
    this.#book.hold(segment, piece);
    if (fetch !== undefined) this.#transfers.spare(fetch);
    this.#announcer.news(segment);
    if (segment.complete) this.#book.answer(segment, { type: 'deliver' });
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
    for (const segment of this.#book.all()) segment.lost(peer);
    this.#uploader.closed(peer);
  }
}
