import { type ControlFrame, type Millis, type PeerId, type RenditionId, segmentKey } from '@freshet/protocol';
import { PeerCore, type PeerCommand, type PeerEvent } from '@freshet/swarm';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { OutgoingPiece, type PieceFrame } from '../host/outgoing-piece.ts';
import { Pacer } from '../host/pacer.ts';
import { PeerHost, type PeerWorld } from '../host/peer-host.ts';
import type { Member, TrackerHost } from '../host/tracker-host.ts';
import type { ViewerWord } from '../host/viewer-word.ts';
import { Home, type HomeTraits } from '../internet/home.ts';
import type { Internet } from '../internet/internet.ts';
import { ORIGIN_REGION } from '../internet/regions.ts';
import type { Feedback, LinkEnd, SimLink, Stamp } from '../network/sim-link.ts';
import type { SimNetwork } from '../network/sim-network.ts';
import { Connections } from '../origin/connections.ts';
import type { Origin } from '../origin/origin.ts';
import { HLS_JS, type PlayerModel } from '../player/player-model.ts';
import type { Programme } from '../source/programme.ts';
import { Membership } from './membership.ts';
import type { ViewerCheck } from './viewer-check.ts';
import { ViewerFetches } from './viewer-fetches.ts';

const STORE_BYTES = 64 * 2 ** 20;
/** A viewer that is turned away tries again after this time, as the server asks. */
const COME_AGAIN_MS = 5000;
/** The time after which others notice that a page closed without notice. */
const NOTICE_MS = 3000;
/**
 * A viewer switches to a higher rendition when its line carries this many times the bitrate and this much is buffered.
 */
const ABR_FACTOR = 1.5;
const ABR_AHEAD_MS = 4000;
const ABR_PANIC_MS = 1500;

export interface ViewerTraits extends HomeTraits {
  readonly id: PeerId;
  /** The offset of its clock against its neighbours': only differences of its time stamps count. */
  readonly clockOffsetMs: Millis;
  readonly uploads: boolean;
  readonly pollutes: boolean;
}

export interface SimWorld {
  readonly random: () => number;
  readonly internet: Internet;
  readonly clock: VirtualClock;
  readonly programme: Programme;
  readonly origin: Origin;
  readonly network: SimNetwork;
  readonly tracker: TrackerHost;
}

/** Bytes of a message to the tracker. */
const WORD_BYTES = 500;

/** A viewer in the simulated world. */
export class SimViewer implements LinkEnd, Member {
  readonly id: PeerId;
  readonly traits: ViewerTraits;
  readonly home: Home;
  readonly wayMs: Millis;
  readonly locality: string;
  readonly joinedAt: Millis;
  readonly check: ViewerCheck;
  isGone = false;
  /** The time at which the server admitted it; undefined while it is turned away. */
  admittedAt: Millis | undefined;
  spareBytes = 0;
  badBytes = 0;
  peerBytes = 0;
  /** Payload of pieces that it put on its line. */
  uploadedBytes = 0;
  readonly #world: SimWorld;
  readonly #clockOffsetMs: Millis;
  readonly #core: PeerCore;
  readonly #host: PeerHost;
  readonly #links = new Map<PeerId, SimLink>();
  readonly #fetches: ViewerFetches;
  readonly #membership: Membership;
  readonly #connections: Connections;
  readonly #outlet: Pacer;
  #level = 0;

  constructor(world: SimWorld, traits: ViewerTraits, check: ViewerCheck) {
    const { clock, internet, random, origin } = world;
    const { burstBytes } = internet;
    this.#world = world;
    this.traits = traits;
    this.id = traits.id;
    this.#clockOffsetMs = traits.clockOffsetMs;
    this.check = check;
    const home = (this.home = new Home(traits, internet.isWatched === true));
    const middleMs = internet.roundTripMs(traits.region, ORIGIN_REGION) / 2;
    this.#connections = new Connections(clock, random, { home, server: origin, middleMs, burstBytes });
    this.#membership = new Membership(world, this, () => this.#word);
    this.#outlet = new Pacer(clock, burstBytes);
    this.locality = `${traits.region}/${traits.provider}`;
    this.wayMs = this.#connections.roundTripMs / 2;
    this.joinedAt = clock.now;
    this.#core = new PeerCore({ uploads: traits.uploads, storeBytes: STORE_BYTES }, clock.now);
    this.#host = new PeerHost(clock, this.#core, HLS_JS, this.#peerWorld());
    this.#fetches = new ViewerFetches(world, this.#connections, this.#host);
  }

  get player(): PlayerModel {
    return this.#host.player;
  }

  /** Opens the page. When it is open, playlist, player and tracker start at the same time. */
  start(): void {
    const { clock, origin, internet } = this.#world;
    if (!origin.admitsNewcomer) {
      clock.after(COME_AGAIN_MS, () => {
        if (!this.isGone) this.start();
      });
      return;
    }
    this.admittedAt = clock.now;
    clock.after(internet.pageMs, () => {
      if (!this.isGone) this.#watch();
    });
  }

  #watch(): void {
    this.#host.tell({ type: 'following', renditions: [this.#rendition] });
    this.#membership.join();
    this.#pollPlaylist();
  }

  leave(politely: boolean): void {
    if (this.isGone) return;
    if (politely) this.#host.tell({ type: 'leave' });
    this.isGone = true;
    this.#host.stop();
    this.#world.tracker.leave(this, politely ? this.sendingMs() : NOTICE_MS);
    this.#fetches.abortAll();
    for (const link of [...this.#links.values()]) link.close(NOTICE_MS, NOTICE_MS);
    this.#links.clear();
  }

  sendingMs(): Millis {
    return this.#connections.send(WORD_BYTES) - this.#world.clock.now;
  }

  heard(events: readonly PeerEvent[]): void {
    for (const event of events) {
      if (event.type === 'joined') this.#membership.joined();
      if (event.type === 'announced')
        this.#host.store.announce(segmentKey(event.notice.segment), event.notice.bytes);
      this.#host.tell(event);
    }
    this.#adapt();
    this.player.learn(this.#world.programme.windowOf(this.#rendition));
  }

  disconnected(banned: boolean): void {
    this.#membership.lost();
    this.#host.tell({ type: 'tracker-lost' });
    this.#membership.rejoin(banned);
  }

  linkOpened(link: SimLink): void {
    const peer = link.otherEnd(this).id;
    this.#links.set(peer, link);
    this.#host.tell({ type: 'link-open', peer });
  }

  linkClosed(peer: PeerId, link: SimLink | undefined): void {
    if (link !== undefined) this.#outlet.closed(link);
    if (this.#links.get(peer) === link) this.#links.delete(peer);
    this.check.linkClosed(peer);
    this.#host.tell({ type: 'link-closed', peer });
  }

  frameReceived(peer: PeerId, frame: ControlFrame): void {
    this.#host.tell({ type: 'frame', peer, frame });
  }

  feedbackReceived(peer: PeerId, feedback: Feedback): void {
    this.#host.tell({ type: 'feedback', peer, feedback });
  }

  pieceFrameReceived(frame: PieceFrame): void {
    const { of, stamp } = frame;
    const { segment, piece, bytes } = of;
    if (stamp !== undefined) this.#feedBack(frame, stamp);
    const peer = of.from.id;
    if (!frame.isLast) {
      this.#host.tell({ type: 'piece-progress', peer, segment, piece, backlogMs: of.backlogMs });
      return;
    }
    if (!this.#host.store.isAnnounced(segment)) {
      this.spareBytes += bytes;
      return;
    }
    const verdict = !of.isGenuine ? 'bad' : this.#host.store.put(segment, piece) ? 'good' : 'spare';
    if (verdict === 'good') this.peerBytes += bytes;
    else if (verdict === 'spare') this.spareBytes += bytes;
    else this.badBytes += bytes;
    this.#host.tell({ type: 'piece-arrived', peer, segment, piece, verdict });
  }

  pieceSent({ to, segment, piece }: OutgoingPiece): void {
    this.#host.tell({ type: 'piece-sent', peer: to.id, segment, piece });
  }

  pieceBytesLeft(bytes: number): void {
    this.uploadedBytes += bytes;
  }

  #feedBack({ of, payload, isLast, leadMs }: PieceFrame, stamp: Stamp): void {
    const { now } = this.#world.clock;
    const delay = now + this.#clockOffsetMs - stamp.sentAt - leadMs;
    const feedback = of.link.arrivalsAt(this).arrived(stamp, payload, delay, isLast, now);
    if (feedback !== undefined) of.link.sendFeedback(this, feedback);
  }

  get #rendition(): RenditionId {
    return this.#world.programme.renditions[this.#level] ?? '';
  }

  get #word(): ViewerWord {
    const { neighbours, uploading: uploads, seeking, uplinkKbps, lateInjections } = this.#core;
    const renditions = [this.#rendition];
    if (uplinkKbps === undefined) return { neighbours, renditions, uploads, seeking, lateInjections };
    return { neighbours, renditions, uploads, seeking, lateInjections, uplinkKbps };
  }

  #peerWorld(): PeerWorld {
    const { network, clock, tracker } = this.#world;
    return {
      dial: (peer, initiator) => {
        network.dial(this, peer, initiator);
      },
      hangUp: (peer) => {
        network.hangUp(this, peer, this.#links.get(peer));
      },
      send: (peer, frame) => {
        this.#links.get(peer)?.sendFrame(this, frame);
      },
      sendPiece: (command) => {
        const bytes = this.#host.store.bytesOf(command.segment, command.piece);
        const link = this.#links.get(command.peer);
        if (link !== undefined) this.#send(link, command, bytes);
      },
      recallPiece: (peer, segment, piece) => {
        const link = this.#links.get(peer);
        if (link !== undefined) this.#outlet.recall(link, segment, piece);
      },
      pace: (bytesPerMs) => {
        this.#outlet.pace(bytesPerMs);
      },
      fetch: (command) => {
        this.#fetches.start(command);
      },
      abortFetch: (fetch) => {
        this.#fetches.abort(fetch);
      },
      fetchList: (segment) => {
        this.#fetches.list(segment);
      },
      accuse: ({ peer, segment, piece }) => {
        tracker.accuse(this, peer, segmentKey(segment), piece);
      },
      told: (event) => {
        this.check.told(event, clock.now);
      },
      decided: (command) => {
        this.check.decided(command, clock.now, (key) => this.#host.store.holdsAll(key));
      },
      settled: (event) => {
        this.#membership.noted(event);
      },
      rested: () => {
        this.#membership.report();
      },
    };
  }

  #send(link: SimLink, command: Extract<PeerCommand, { type: 'send-piece' }>, bytes: number): void {
    const { segment, piece, backlogMs } = command;
    const isGenuine = !this.traits.pollutes;
    this.#outlet.send(new OutgoingPiece(link, this, { segment, piece, bytes, isGenuine, backlogMs }));
  }

  #pollPlaylist(): void {
    const { clock, origin, programme } = this.#world;
    clock.at(this.#connections.ask(), () => {
      if (this.isGone) return;
      if (origin.isUp) this.player.learn(programme.windowOf(this.#rendition));
      clock.after(programme.options.segmentMs, () => {
        if (!this.isGone) this.#pollPlaylist();
      });
    });
  }

  /** A throughput rule reduced to the line's rate: one step up with a full buffer, one down with an empty one. */
  #adapt(): void {
    const { kbps } = this.#world.programme.options;
    if (kbps.length < 2 || !this.player.isPlaying) return;
    const higher = kbps[this.#level + 1];
    const ahead = this.player.aheadMs;
    if (ahead < ABR_PANIC_MS && this.#level > 0) this.#level--;
    else if (higher !== undefined && ahead > ABR_AHEAD_MS && this.traits.downKbps > ABR_FACTOR * higher)
      this.#level++;
    else return;
    this.#host.tell({ type: 'following', renditions: [this.#rendition] });
  }
}
