import {
  DEFAULT_POLICY,
  type Millis,
  type PeerId,
  type Policy,
  type SegmentId,
  segmentKey,
} from '@freshet/protocol';
import type { PeerCommand, PeerEvent, WantId } from '@freshet/swarm';
import {
  type Appointment,
  noticeOf,
  PlayerModel,
  type PlayerOptions,
  type VirtualClock,
  ViewerStore,
} from '@freshet/simulator';
import type { LabNetwork } from '../network/lab-network.ts';
import type { LabOrigin } from '../network/lab-origin.ts';
import { PacedUplink } from '../network/paced-uplink.ts';
import type { LabSource } from '../source/lab-source.ts';
import type { LabObserver, ObservedViewer, PeerBrain } from './lab-observer.ts';
import type { LabTracker } from './lab-tracker.ts';
import { ViewerFetches } from './viewer-fetches.ts';
import { type Serving, ViewerLinks } from './viewer-links.ts';
import { ViewerMembership } from './viewer-membership.ts';

/** A core that asks to be woken in the past is woken after this time. */
const MIN_SLEEP_MS = 1;

export interface ViewerOptions {
  readonly id: PeerId;
  readonly uplinkKbps: number;
  readonly serving: Serving;
  readonly player: PlayerOptions;
  /** The place that the server derives from its address. */
  readonly locality?: string;
}

export interface ViewerWorld {
  readonly clock: VirtualClock;
  readonly source: LabSource;
  readonly origin: LabOrigin;
  readonly tracker: LabTracker;
  readonly network: LabNetwork;
  readonly observers: readonly LabObserver[];
}

/**
 * The host of one core: carries out its commands in the lab's world and returns the outcomes as events, with a player
 * on top.
 */
export class LabViewer implements ObservedViewer {
  readonly id: PeerId;
  readonly brain: PeerBrain;
  readonly player: PlayerModel;
  readonly links: ViewerLinks;
  readonly store = new ViewerStore();
  policy: Policy = DEFAULT_POLICY;
  readonly #world: ViewerWorld;
  readonly #fetches: ViewerFetches;
  readonly #membership: ViewerMembership;
  readonly #inbox: PeerEvent[] = [];
  #busy = false;
  #gone = false;
  #wake: Appointment | undefined;
  #poll: Appointment | undefined;

  constructor(world: ViewerWorld, brain: PeerBrain, options: ViewerOptions) {
    const { clock, origin, tracker } = world;
    const tell = (event: PeerEvent) => {
      this.tell(event);
    };
    this.id = options.id;
    this.brain = brain;
    this.#world = world;
    this.links = new ViewerLinks(
      options.id,
      new PacedUplink(clock, options.uplinkKbps / 8),
      options.serving,
      this.store,
      tell,
    );
    this.#fetches = new ViewerFetches(options.id, origin, this.store, tell);
    this.#membership = new ViewerMembership(
      clock,
      tracker,
      {
        id: this.id,
        heard: (event) => {
          this.#heard(event);
        },
      },
      () => ({
        neighbours: brain.neighbours,
        renditions: [world.source.rendition],
        uploads: brain.uploading,
        seeking: brain.seeking,
        ...(brain.uplinkKbps !== undefined && { uplinkKbps: brain.uplinkKbps }),
        ...(brain.lateInjections !== undefined && { lateInjections: brain.lateInjections }),
        ...(options.locality !== undefined && { locality: options.locality }),
      }),
    );
    this.player = new PlayerModel(clock, options.player, {
      want: (want, segment, deadline) => {
        this.tell({ type: 'want', want, segment: segment.id, durationMs: segment.durationMs, deadline });
      },
      unwant: (want) => {
        this.tell({ type: 'unwant', want });
      },
    });
  }

  get isGone(): boolean {
    return this.#gone;
  }

  /** Opens the page. Playlist, player and tracker start at the same time. */
  start(): void {
    this.tell({ type: 'following', renditions: [this.#world.source.rendition] });
    this.#membership.join();
    this.#loadPlaylist();
  }

  holds(segment: string, piece: number): boolean {
    return this.store.holds(segment, piece);
  }

  holdsAll(segment: string): boolean {
    return this.store.holdsAll(segment);
  }

  setUploads(allowed: boolean): void {
    this.tell({ type: 'uploads', allowed });
  }

  /** Closes the page and tells the neighbours and the tracker. */
  leave(): void {
    this.tell({ type: 'leave' });
    this.#end(0);
  }

  /** Closes the page without notice. The others notice after `noticeMs`. */
  kill(noticeMs: Millis): void {
    this.#end(noticeMs);
  }

  /** Handles one event at a time. Events that arise while commands are carried out are queued. */
  tell(event: PeerEvent): void {
    if (this.#gone) return;
    this.#inbox.push(event);
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) this.#handle(next);
    this.#busy = false;
    this.#sleep();
    this.#membership.changed();
  }

  #deliver(want: WantId): void {
    const waiting = this.player.startedAt === undefined;
    this.player.delivered(want);
    if (waiting && this.player.isPlaying) this.tell({ type: 'playing' });
  }

  #handle(event: PeerEvent): void {
    const { clock, observers } = this.#world;
    for (const observer of observers) observer.told?.(this, event, clock.now);
    for (const command of this.brain.handle(event, clock.now)) {
      for (const observer of observers) observer.decided?.(this, command, clock.now);
      this.#execute(command);
    }
    for (const observer of observers) observer.settled?.(this, clock.now);
  }

  #execute(command: PeerCommand): void {
    const { network } = this.#world;
    switch (command.type) {
      case 'dial':
        network.dial(this.links, command.peer, command.initiator);
        break;
      case 'hang-up':
        network.hangUp(this.links, command.peer);
        break;
      case 'send':
        this.links.send(command.peer, command.frame);
        break;
      case 'send-piece':
        this.links.sendPiece(command.peer, command.segment, command.piece, command.backlogMs);
        break;
      case 'recall-piece':
        this.links.recallPiece(command.peer, command.segment, command.piece);
        break;
      case 'pace':
        this.links.uplink.pace = command.bytesPerMs;
        break;
      case 'fetch':
        this.#fetches.start(command);
        break;
      case 'abort-fetch':
        this.#fetches.abort(command.fetch);
        break;
      case 'fetch-list':
        this.#fetchList(command.segment);
        break;
      case 'deliver':
        this.#deliver(command.want);
        break;
      case 'fail':
        this.player.failed(command.want);
        break;
      case 'forget':
        this.store.forget(command.segment);
        break;
      case 'report-pollution':
        this.#membership.accuse(command.peer, segmentKey(command.segment), command.piece);
        break;
    }
  }

  #heard(event: PeerEvent): void {
    if (event.type === 'policy') this.policy = event.policy;
    if (event.type === 'announced') {
      this.#announced(event);
      // An announcement comes before the next poll of the playlist.
      this.player.learn(this.#world.source.window);
      return;
    }
    this.tell(event);
  }

  #announced(event: Extract<PeerEvent, { type: 'announced' }>): void {
    const key = segmentKey(event.notice.segment);
    this.store.announce(key, event.notice.bytes);
    this.tell(event);
    this.#fetches.announced(key);
  }

  #fetchList(segment: SegmentId): void {
    const key = segmentKey(segment);
    this.#world.origin.playlist((window) => {
      const listed = window?.find((candidate) => candidate.key === key);
      if (listed !== undefined && !this.store.isAnnounced(key))
        this.#announced({ type: 'announced', notice: noticeOf(listed) });
      this.tell({ type: 'list-ended', segment });
    });
  }

  #loadPlaylist(): void {
    this.#world.origin.playlist((window) => {
      if (this.#gone) return;
      if (window !== undefined) this.player.learn(window);
      this.#poll = this.#world.clock.after(this.#world.source.options.segmentMs, () => {
        this.#loadPlaylist();
      });
    });
  }

  #sleep(): void {
    this.#wake?.cancel();
    const { wakeAt } = this.brain;
    if (wakeAt === undefined || this.#gone) return;
    const { clock } = this.#world;
    this.#wake = clock.at(Math.max(wakeAt, clock.now + MIN_SLEEP_MS), () => {
      this.tell({ type: 'tick' });
    });
  }

  #end(noticeMs: Millis): void {
    const { network, observers, clock } = this.#world;
    this.#gone = true;
    this.#wake?.cancel();
    this.#poll?.cancel();
    this.player.stop();
    this.#membership.end(noticeMs);
    this.#fetches.stop();
    network.vanish(this.id, noticeMs);
    for (const observer of observers) observer.left?.(this, clock.now);
  }
}
