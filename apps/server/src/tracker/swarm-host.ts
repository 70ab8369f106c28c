import {
  type Announcement,
  LIMITS,
  type Millis,
  type PeerId,
  type Policy,
  type Pollution,
  type RenditionId,
  type Report,
  segmentKey,
  type Signal,
  type StreamName,
} from '@freshet/protocol';
import { TrackerCore, type TrackerCommand, type TrackerEvent } from '@freshet/swarm';
import type { StoredSegment } from '../buffer/stored-segment.ts';
import type { LiveStream } from '../stream/live-stream.ts';
import { announcement } from './announcement.ts';
import { PerViewerVote } from './per-viewer-vote.ts';
import type { ViewerSocket } from './viewer-socket.ts';

/** Renditions whose newest segment can be announced again; the oldest goes. */
const MAX_RENDITIONS = 64;
/** Banned ids remembered; the oldest is forgiven. */
const MAX_BANNED = 10_000;

export interface SwarmHostOptions {
  readonly stream: LiveStream;
  readonly policy: Policy;
  readonly seed: number;
  readonly now: () => Millis;
  /** To every viewer of the stream at once: encoded once, however many they are. */
  readonly broadcast: (announcement: Announcement) => void;
  /** The policy changed for every viewer of the stream. */
  readonly broadcastPolicy: (policy: Policy) => void;
  readonly onPollution: () => void;
  readonly onBanned: () => void;
  /** Sharing was switched off because segments differ from viewer to viewer, or is tried again. */
  readonly onPerViewer: (isPerViewer: boolean) => void;
}

/** Runs one stream's TrackerCore: sockets in, decisions out, and a timer for its wake-ups. */
export class SwarmHost {
  readonly #options: SwarmHostOptions;
  readonly #core: TrackerCore;
  readonly #sockets = new Map<PeerId, ViewerSocket>();
  readonly #banned = new Set<PeerId>();
  readonly #onSegment = (segment: StoredSegment) => {
    this.#publish(segment);
  };
  /** Each rendition's newest segment: the core announces no other, and the hashes stay here. */
  readonly #newest = new Map<RenditionId, StoredSegment>();
  /** Nobody is asked to inject what one viewer asked for: those who are elsewhere in the recording would only waste it. */
  readonly #onLoaded = (segment: StoredSegment) => {
    this.#options.broadcast(announcement(segment));
  };
  #timer: NodeJS.Timeout | undefined;
  readonly #perViewer = new PerViewerVote();
  #perViewerTimer: NodeJS.Timeout | undefined;

  constructor(options: SwarmHostOptions) {
    this.#options = options;
    this.#core = new TrackerCore({ seed: options.seed, maxNeighbours: options.policy.maxNeighbours });
    options.stream.on('segment', this.#onSegment);
    options.stream.on('loaded', this.#onLoaded);
  }

  get stream(): StreamName {
    return this.#options.stream.name;
  }

  get viewers(): number {
    return this.#sockets.size;
  }

  /** Open links, as reported. */
  get links(): number {
    return this.#core.links;
  }

  /** Its segments differ from viewer to viewer: sharing is switched off. */
  get isPerViewer(): boolean {
    return this.#perViewer.until !== undefined;
  }

  /** What holds now: the broadcaster's, or none of it. */
  get policy(): Policy {
    const { policy } = this.#options;
    return this.isPerViewer ? { ...policy, mode: 'off', because: 'per-viewer' } : policy;
  }

  isBanned(peer: PeerId): boolean {
    return this.#banned.has(peer);
  }

  recentAnnouncements() {
    return this.#options.stream
      .recentSegments(LIMITS.announcementsInJoin)
      .map((segment) => announcement(segment));
  }

  join(
    peer: PeerId,
    socket: ViewerSocket,
    said: Pick<Report, 'neighbours' | 'renditions' | 'uploads'>,
    locality?: string,
  ): void {
    // The same viewer over a new connection, the old one not timed out yet.
    this.#sockets.get(peer)?.disconnect(true);
    this.#sockets.set(peer, socket);
    this.#perViewer.joined(peer, locality ?? '');
    const { neighbours, renditions, uploads } = said;
    this.#handle({
      ...{ type: 'peer-joined', peer, neighbours, renditions, uploads },
      ...(locality !== undefined && { locality }),
    });
  }

  /** @param socket the connection that ended; when another has taken its place nothing happens. */
  leave(peer: PeerId, socket: ViewerSocket): void {
    if (this.#sockets.get(peer) !== socket) return;
    this.#sockets.delete(peer);
    this.#perViewer.left(peer);
    this.#handle({ type: 'peer-left', peer });
  }

  report(peer: PeerId, report: Report): void {
    const { neighbours, renditions, uploads, seeking, uplinkKbps, lateInjections } = report;
    this.#handle({
      ...{ type: 'peer-reported', peer, neighbours, renditions, uploads, seeking },
      ...(uplinkKbps !== undefined && { uplinkKbps }),
      ...(lateInjections !== undefined && { lateInjections }),
    });
  }

  /** Passes a signal on. @returns false when the two were never introduced. */
  signal(from: PeerId, to: PeerId, signal: Signal): boolean {
    if (!this.#core.areIntroduced(from, to)) return false;
    this.#sockets.get(to)?.emit('signal', { from, signal });
    return true;
  }

  pollution(by: PeerId, { peer, piece, ...segment }: Pollution): void {
    this.#options.onPollution();
    this.#handle({ type: 'pollution-reported', by, peer, segment: segmentKey(segment), piece });
  }

  /** A viewer found that the origin gives it segments of its own. */
  difference(by: PeerId): void {
    const { now, policy, broadcastPolicy, onPerViewer } = this.#options;
    if (policy.mode === 'off' || !this.#perViewer.said(by, now())) return;
    onPerViewer(true);
    broadcastPolicy(this.policy);
    this.#perViewerTimer = setTimeout(
      () => {
        this.#perViewer.expire();
        onPerViewer(false);
        broadcastPolicy(this.policy);
      },
      (this.#perViewer.until ?? now()) - now(),
    );
  }

  close(): void {
    this.#options.stream.off('segment', this.#onSegment);
    this.#options.stream.off('loaded', this.#onLoaded);
    clearTimeout(this.#timer);
    clearTimeout(this.#perViewerTimer);
  }

  #publish(segment: StoredSegment): void {
    this.#newest.delete(segment.id.rendition);
    this.#newest.set(segment.id.rendition, segment);
    if (this.#newest.size > MAX_RENDITIONS) {
      const oldest = this.#newest.keys().next();
      if (oldest.done !== true) this.#newest.delete(oldest.value);
    }
    this.#handle({
      type: 'segment-published',
      segment: segment.id,
      bytes: segment.data.length,
      durationMs: segment.durationMs,
    });
  }

  #handle(event: TrackerEvent): void {
    for (const command of this.#core.handle(event, this.#options.now())) this.#perform(command);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const wakeAt = this.#core.wakeAt;
    if (wakeAt === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#handle({ type: 'tick' });
      },
      Math.max(0, wakeAt - this.#options.now()),
    );
  }

  #perform(command: TrackerCommand): void {
    switch (command.type) {
      case 'introduce':
        this.#sockets.get(command.to)?.emit('introduce', { peer: command.peer, dial: command.dial });
        break;
      case 'announce': {
        const segment = this.#newest.get(command.segment.rendition);
        if (segment !== undefined) this.#options.broadcast(announcement(segment, command.injectors));
        break;
      }
      case 'expel':
        this.#sockets.get(command.to)?.emit('expel', { peer: command.peer });
        break;
      case 'ban':
        this.#ban(command.peer);
        break;
    }
  }

  #ban(peer: PeerId): void {
    this.#banned.add(peer);
    if (this.#banned.size > MAX_BANNED) {
      const oldest = this.#banned.values().next();
      if (!oldest.done) this.#banned.delete(oldest.value);
    }
    const socket = this.#sockets.get(peer);
    this.#sockets.delete(peer);
    this.#perViewer.left(peer);
    socket?.emit('refused', { code: 'denied', message: 'Pieces from this viewer did not match the stream.' });
    socket?.disconnect(true);
    this.#options.onBanned();
  }
}
