import {
  type ControlFrame,
  type Millis,
  type PeerId,
  type RenditionId,
  type SegmentId,
  segmentKey,
  type SegmentKey,
} from '@freshet/protocol';
import { PeerCore, type PeerCommand, type PeerEvent } from '@freshet/swarm';
import type { Appointment, VirtualClock } from '../clock/virtual-clock.ts';
import { Line } from '../network/line.ts';
import type { Origin, OriginFetch } from '../network/origin.ts';
import type { Internet } from '../network/internet.ts';
import { ORIGIN_REGION, type Region } from '../network/regions.ts';
import type { LinkEnd, SimLink } from '../network/sim-link.ts';
import type { SimNetwork } from '../network/sim-network.ts';
import { HLS_JS, PlayerModel } from '../player/player-model.ts';
import type { Programme } from '../source/programme.ts';
import { noticeOf } from '../source/source-segment.ts';
import type { ViewerCheck } from './viewer-check.ts';
import type { Member, TrackerHost } from './tracker-host.ts';
import { ViewerStore } from './viewer-store.ts';
import type { ViewerWord } from './viewer-word.ts';

const STORE_BYTES = 64 * 2 ** 20;
const MIN_SLEEP_MS = 1;
const REPORT_MS = 1000;
const REJOIN_MS = 2000;
/** Who is turned away comes again after this time, as the server says. */
const COME_AGAIN_MS = 5000;
/** The link of a page that went without a word is missed after this time. */
const NOTICE_MS = 3000;
/** A viewer goes up a rendition when its line carries this many times the bitrate and this much is buffered. */
const ABR_FACTOR = 1.5;
const ABR_AHEAD_MS = 4000;
const ABR_PANIC_MS = 1500;

/** By far the most events; nothing that is reported changes in them. */
const NO_NEWS: ReadonlySet<PeerEvent['type']> = new Set<PeerEvent['type']>([
  'frame',
  'piece-progress',
  'piece-arrived',
  'origin-piece',
]);

export interface ViewerTraits {
  readonly id: PeerId;
  readonly region: Region;
  /** Of its region's providers. */
  readonly provider: number;
  readonly downKbps: number;
  readonly upKbps: number;
  readonly uploads: boolean;
  readonly pollutes: boolean;
}

export interface SimWorld {
  readonly internet: Internet;
  readonly clock: VirtualClock;
  readonly programme: Programme;
  readonly origin: Origin;
  readonly network: SimNetwork;
  readonly tracker: TrackerHost;
}

/** The host of one PeerCore in the simulated world, with a player on top. */
export class SimViewer implements LinkEnd, Member {
  readonly id: PeerId;
  readonly region: Region;
  readonly traits: ViewerTraits;
  readonly uplink: Line;
  readonly downlink: Line;
  readonly originRoundTripMs: Millis;
  readonly wayMs: Millis;
  readonly locality: string;
  readonly player: PlayerModel;
  readonly joinedAt: Millis;
  readonly check: ViewerCheck;
  isGone = false;
  /** When the server let it begin to watch; undefined while it is turned away. */
  admittedAt: Millis | undefined;
  spareBytes = 0;
  badBytes = 0;
  peerBytes = 0;
  readonly #world: SimWorld;
  readonly #core: PeerCore;
  readonly #store = new ViewerStore();
  readonly #links = new Map<PeerId, SimLink>();
  readonly #fetches = new Map<number, OriginFetch>();
  readonly #inbox: PeerEvent[] = [];
  #busy = false;
  /** What the tracker is told may have changed. */
  #hasNews = false;
  #level = 0;
  #banned = false;
  #member = false;
  #wake: { readonly at: Millis; readonly appointment: Appointment } | undefined;
  #reported: ViewerWord | undefined;
  #reporting = false;
  #comparedAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(world: SimWorld, traits: ViewerTraits, check: ViewerCheck) {
    const { clock } = world;
    this.#world = world;
    this.traits = traits;
    this.id = traits.id;
    this.region = traits.region;
    this.check = check;
    this.uplink = new Line(traits.upKbps);
    this.downlink = new Line(traits.downKbps);
    this.originRoundTripMs = world.internet.roundTripMs(traits.region, ORIGIN_REGION);
    this.locality = `${traits.region}/${traits.provider}`;
    this.wayMs = this.originRoundTripMs / 2;
    this.joinedAt = clock.now;
    this.#core = new PeerCore({ uploads: traits.uploads, storeBytes: STORE_BYTES }, clock.now);
    this.player = new PlayerModel(clock, HLS_JS, {
      want: (want, segment, deadline) => {
        this.tell({ type: 'want', want, segment: segment.id, durationMs: segment.durationMs, deadline });
      },
      unwant: (want) => {
        this.tell({ type: 'unwant', want });
      },
    });
  }

  /** The page opens: playlist, player and tracker at the same time. */
  start(): void {
    const { clock, origin } = this.#world;
    if (!origin.admitsNewcomer) {
      clock.after(COME_AGAIN_MS, () => {
        if (!this.isGone) this.start();
      });
      return;
    }
    this.admittedAt = clock.now;
    this.tell({ type: 'following', renditions: [this.#rendition] });
    this.#world.tracker.join(this, this.#word);
    this.#pollPlaylist();
  }

  leave(politely: boolean): void {
    if (this.isGone) return;
    if (politely) this.tell({ type: 'leave' });
    this.isGone = true;
    this.#wake?.appointment.cancel();
    this.player.stop();
    this.#world.tracker.leave(this, politely ? this.wayMs : NOTICE_MS);
    for (const fetch of [...this.#fetches.values()]) fetch.end('aborted');
    for (const link of [...this.#links.values()]) link.close(NOTICE_MS, NOTICE_MS);
    this.#links.clear();
  }

  tell(event: PeerEvent): void {
    if (this.isGone) return;
    if (this.#busy) {
      this.#inbox.push(event);
      return;
    }
    this.#busy = true;
    this.#handle(event);
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) this.#handle(next);
    this.#busy = false;
    this.#sleep();
    if (this.#hasNews) this.#report();
  }

  #handle(event: PeerEvent): void {
    const { now } = this.#world.clock;
    this.check.told(event, now);
    for (const command of this.#core.handle(event, now)) this.#perform(command);
    this.#hasNews ||= !NO_NEWS.has(event.type);
  }

  heard(events: readonly PeerEvent[]): void {
    for (const event of events) {
      if (event.type === 'joined') this.#member = true;
      if (event.type === 'announced')
        this.#store.announce(segmentKey(event.notice.segment), event.notice.bytes);
      this.tell(event);
    }
    this.#adapt();
    this.player.learn(this.#world.programme.windowOf(this.#rendition));
  }

  disconnected(banned: boolean): void {
    this.#member = false;
    this.tell({ type: 'tracker-lost' });
    this.#reported = undefined;
    this.#banned ||= banned;
    if (this.#banned || this.isGone) return;
    this.#world.clock.after(REJOIN_MS, () => {
      if (!this.isGone) this.#world.tracker.join(this, this.#word);
    });
  }

  linkOpened(link: SimLink): void {
    const peer = link.otherEnd(this).id;
    this.#links.set(peer, link);
    this.tell({ type: 'link-open', peer });
  }

  linkClosed(peer: PeerId, link: SimLink | undefined): void {
    if (this.#links.get(peer) === link) this.#links.delete(peer);
    this.check.linkClosed(peer);
    this.tell({ type: 'link-closed', peer });
  }

  frameReceived(peer: PeerId, frame: ControlFrame): void {
    this.tell({ type: 'frame', peer, frame });
  }

  pieceProgressed(peer: PeerId, segment: SegmentKey, piece: number): void {
    this.tell({ type: 'piece-progress', peer, segment, piece });
  }

  pieceReceived(peer: PeerId, segment: SegmentKey, piece: number, bytes: number, genuine: boolean): void {
    if (!this.#store.isAnnounced(segment)) {
      this.spareBytes += bytes;
      return;
    }
    const verdict = !genuine ? 'bad' : this.#store.put(segment, piece) ? 'good' : 'spare';
    if (verdict === 'good') this.peerBytes += bytes;
    else if (verdict === 'spare') this.spareBytes += bytes;
    else this.badBytes += bytes;
    this.tell({ type: 'piece-arrived', peer, segment, piece, verdict });
  }

  pieceSent(peer: PeerId, segment: SegmentKey, piece: number): void {
    this.tell({ type: 'piece-sent', peer, segment, piece });
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

  #perform(command: PeerCommand): void {
    const { network, clock } = this.#world;
    this.check.decided(command, clock.now, (key) => this.#store.holdsAll(key));
    switch (command.type) {
      case 'dial':
        network.dial(this, command.peer, command.initiator);
        break;
      case 'hang-up':
        network.hangUp(this, command.peer, this.#links.get(command.peer));
        break;
      case 'send':
        this.#links.get(command.peer)?.sendFrame(this, command.frame);
        break;
      case 'send-piece': {
        const bytes = this.#store.bytesOf(command.segment, command.piece);
        const link = this.#links.get(command.peer);
        link?.sendPiece(this, command.segment, command.piece, bytes, !this.traits.pollutes);
        break;
      }
      case 'fetch':
        this.#fetch(command);
        break;
      case 'abort-fetch':
        clock.after(0, () => {
          this.#fetches.get(command.fetch)?.end('aborted');
        });
        break;
      case 'fetch-list':
        this.#fetchList(command.segment);
        break;
      case 'deliver': {
        const waiting = this.player.startedAt === undefined;
        this.player.delivered(command.want);
        if (waiting && this.player.isPlaying) this.tell({ type: 'playing' });
        break;
      }
      case 'fail':
        this.player.failed(command.want);
        break;
      case 'forget':
        this.#store.forget(command.segment);
        break;
      case 'report-pollution':
        this.#world.tracker.accuse(this, command.peer, segmentKey(command.segment), command.piece);
        break;
    }
  }

  /** So small that only its way there and back counts. */
  #fetchList(segment: SegmentId): void {
    const { clock, origin, programme } = this.#world;
    const key = segmentKey(segment);
    clock.after(this.originRoundTripMs, () => {
      const listed = programme.windowOf(segment.rendition).find((candidate) => candidate.key === key);
      if (origin.isUp && listed !== undefined && !this.#store.isAnnounced(key)) {
        this.#store.announce(key, listed.bytes);
        this.tell({ type: 'announced', notice: noticeOf(listed) });
      }
      this.tell({ type: 'list-ended', segment });
    });
  }

  #fetch({ fetch, segment, span }: Extract<PeerCommand, { type: 'fetch' }>): void {
    const { origin, programme } = this.#world;
    const key = segmentKey(segment);
    const listed = programme.windowOf(segment.rendition).find((candidate) => candidate.key === key);
    const running = origin.fetch(this, listed, span, {
      piece: (piece) => {
        if (!this.#store.isAnnounced(key)) return;
        this.#store.put(key, piece);
        this.tell({ type: 'origin-piece', fetch, piece });
      },
      ended: (end) => {
        this.#fetches.delete(fetch);
        this.tell({ type: 'origin-ended', fetch, ...end });
      },
    });
    this.#fetches.set(fetch, running);
  }

  #pollPlaylist(): void {
    const { clock, origin, programme } = this.#world;
    clock.after(this.originRoundTripMs, () => {
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
    this.tell({ type: 'following', renditions: [this.#rendition] });
  }

  /** One alarm at a time: one that rings too early only sets the next. */
  #sleep(): void {
    const { wakeAt } = this.#core;
    if (wakeAt === undefined || this.isGone) return;
    const { clock } = this.#world;
    const at = Math.max(wakeAt, clock.now + MIN_SLEEP_MS);
    if (this.#wake !== undefined && this.#wake.at <= at) return;
    this.#wake?.appointment.cancel();
    const appointment = clock.at(at, () => {
      this.#wake = undefined;
      const dueAt = this.#core.wakeAt;
      if (dueAt !== undefined && dueAt <= clock.now) this.tell({ type: 'tick' });
      else this.#sleep();
    });
    this.#wake = { at, appointment };
  }

  /** What changed is said once a second at most, and looked for no more often: to compare costs more than most events. */
  #report(): void {
    if (!this.#member || this.#reporting || this.isGone) return;
    this.#hasNews = false;
    this.#reporting = true;
    const { clock, tracker } = this.#world;
    clock.at(Math.max(clock.now, this.#comparedAt + REPORT_MS), () => {
      this.#reporting = false;
      if (!this.#member || this.isGone) return;
      this.#comparedAt = clock.now;
      const word = this.#word;
      if (this.#reported !== undefined && sameWord(word, this.#reported)) return;
      this.#reported = word;
      tracker.report(this, word);
    });
  }
}

function sameWord(a: ViewerWord, b: ViewerWord): boolean {
  return (
    a.seeking === b.seeking &&
    a.uploads === b.uploads &&
    a.uplinkKbps === b.uplinkKbps &&
    a.lateInjections === b.lateInjections &&
    a.renditions[0] === b.renditions[0] &&
    a.neighbours.length === b.neighbours.length &&
    a.neighbours.every((peer, i) => peer === b.neighbours[i])
  );
}
