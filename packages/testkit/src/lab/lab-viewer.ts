import {
  DEFAULT_POLICY,
  type Millis,
  type PeerId,
  type Policy,
  type SegmentId,
  segmentKey,
} from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import {
  type Appointment,
  noticeOf,
  PeerHost,
  type PeerWorld,
  type PlayerModel,
  type PlayerOptions,
  type TrackerHost,
  type VirtualClock,
} from '@freshet/simulator';
import type { LabNetwork } from '../network/lab-network.ts';
import type { LabOrigin } from '../network/lab-origin.ts';
import { PacedUplink } from '../network/paced-uplink.ts';
import type { LabSource } from '../source/lab-source.ts';
import type { LabObserver, ObservedViewer, PeerBrain } from './lab-observer.ts';
import { ViewerFetches } from './viewer-fetches.ts';
import { type Serving, ViewerLinks } from './viewer-links.ts';
import { ViewerMembership } from './viewer-membership.ts';

export interface ViewerOptions {
  readonly id: PeerId;
  readonly uplinkKbps: number;
  readonly serving: Serving;
  readonly player: PlayerOptions;
  readonly trackerLatencyMs: Millis;
  /** The place that the server derives from its address. */
  readonly locality?: string;
}

export interface ViewerWorld {
  readonly clock: VirtualClock;
  readonly source: LabSource;
  readonly origin: LabOrigin;
  readonly tracker: TrackerHost;
  readonly network: LabNetwork;
  readonly observers: readonly LabObserver[];
}

/** A viewer in the lab's world. */
export class LabViewer implements ObservedViewer {
  readonly id: PeerId;
  readonly brain: PeerBrain;
  readonly links: ViewerLinks;
  policy: Policy = DEFAULT_POLICY;
  readonly #world: ViewerWorld;
  readonly #host: PeerHost;
  readonly #fetches: ViewerFetches;
  readonly #membership: ViewerMembership;
  #gone = false;
  #poll: Appointment | undefined;

  constructor(world: ViewerWorld, brain: PeerBrain, options: ViewerOptions) {
    const { clock, origin, tracker } = world;
    const { id, uplinkKbps, serving, player, trackerLatencyMs, locality } = options;
    this.id = id;
    this.brain = brain;
    this.#world = world;
    this.#host = new PeerHost(clock, brain, player, this.#peerWorld());
    this.links = new ViewerLinks(id, new PacedUplink(clock, uplinkKbps / 8), serving, this.#host);
    this.#fetches = new ViewerFetches(id, origin, this.#host);
    const heard = (event: PeerEvent) => {
      this.#heard(event);
    };
    this.#membership = new ViewerMembership(
      clock,
      tracker,
      { id, latencyMs: trackerLatencyMs, locality, heard },
      () => ({
        neighbours: brain.neighbours,
        renditions: [world.source.rendition],
        uploads: brain.uploading,
        seeking: brain.seeking,
        ...(brain.uplinkKbps !== undefined && { uplinkKbps: brain.uplinkKbps }),
        ...(brain.lateInjections !== undefined && { lateInjections: brain.lateInjections }),
      }),
    );
  }

  get player(): PlayerModel {
    return this.#host.player;
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
    return this.#host.store.holds(segment, piece);
  }

  holdsAll(segment: string): boolean {
    return this.#host.store.holdsAll(segment);
  }

  setUploads(allowed: boolean): void {
    this.tell({ type: 'uploads', allowed });
  }

  tell(event: PeerEvent): void {
    this.#host.tell(event);
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

  #peerWorld(): PeerWorld {
    const { network, observers, clock } = this.#world;
    return {
      dial: (peer, initiator) => {
        network.dial(this.links, peer, initiator);
      },
      hangUp: (peer) => {
        network.hangUp(this.links, peer);
      },
      send: (peer, frame) => {
        this.links.send(peer, frame);
      },
      sendPiece: ({ peer, segment, piece, backlogMs }) => {
        this.links.sendPiece(peer, segment, piece, backlogMs);
      },
      recallPiece: (peer, segment, piece) => {
        this.links.recallPiece(peer, segment, piece);
      },
      pace: (bytesPerMs) => {
        this.links.uplink.pace = bytesPerMs;
      },
      fetch: (command) => {
        this.#fetches.start(command);
      },
      abortFetch: (fetch) => {
        this.#fetches.abort(fetch);
      },
      fetchList: (segment) => {
        this.#fetchList(segment);
      },
      accuse: ({ peer, segment, piece }) => {
        this.#membership.accuse(peer, segmentKey(segment), piece);
      },
      told: (event) => {
        for (const observer of observers) observer.told?.(this, event, clock.now);
      },
      decided: (command) => {
        for (const observer of observers) observer.decided?.(this, command, clock.now);
      },
      settled: () => {
        for (const observer of observers) observer.settled?.(this, clock.now);
      },
      rested: () => {
        this.#membership.changed();
      },
    };
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
    this.#host.store.announce(key, event.notice.bytes);
    this.tell(event);
    this.#fetches.announced(key);
  }

  #fetchList(segment: SegmentId): void {
    const key = segmentKey(segment);
    this.#world.origin.playlist((window) => {
      const listed = window?.find((candidate) => candidate.key === key);
      if (listed !== undefined && !this.#host.store.isAnnounced(key))
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

  #end(noticeMs: Millis): void {
    const { network, observers, clock } = this.#world;
    this.#gone = true;
    this.#host.stop();
    this.#poll?.cancel();
    this.#membership.end(noticeMs);
    this.#fetches.stop();
    network.vanish(this.id, noticeMs);
    for (const observer of observers) observer.left?.(this, clock.now);
  }
}
