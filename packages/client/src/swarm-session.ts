import {
  type Announcement,
  DEFAULT_POLICY,
  LIMITS,
  parseSegmentKey,
  type PieceList,
  type Policy,
  type Report,
  type SegmentId,
  segmentKey,
  type SegmentKey,
  type Welcome,
} from '@freshet/protocol';
import { PeerCore, type PeerEvent } from '@freshet/swarm';
import { type Clock, pageClock, type Timer } from './clock.ts';
import { type Counters, newCounters } from './counters.ts';
import { Following } from './following.ts';
import { Links } from './links.ts';
import type { Log } from './log.ts';
import { OriginFetches } from './origin-fetches.ts';
import { PeerHost } from './peer-host.ts';
import { openPeerLink, type PeerLinkFactory } from './peer-link.ts';
import { perform } from './perform.ts';
import { loadPieceList } from './load-piece-list.ts';
import { PieceIntake } from './piece-intake.ts';
import { PieceLists } from './piece-lists.ts';
import { PieceStore } from './piece-store.ts';
import { PlayerRequests, type PlayerView } from './player-requests.ts';
import { PlaylistNews } from './playlist-news.ts';
import type { FreshetState, FreshetWarning, StateCode } from './public-types.ts';
import { Reporter } from './reporter.ts';
import type { SegmentRequest, SegmentSource } from './segment-source.ts';
import { SegmentUrls } from './segment-urls.ts';
import type { StreamAddress } from './stream-address.ts';
import { TrackerLink } from './tracker-link.ts';
import { isCellular } from './upload-consent.ts';
import { makeDigest } from './verify.ts';

/** How playback fares, as the tracker is told. */
interface PlayerFigures {
  readonly stalls: number;
  readonly startupMs: number | undefined;
  readonly latencySeconds: number | undefined;
}

export interface SwarmSessionOptions {
  readonly address: StreamAddress;
  readonly token: string | undefined;
  /** See `FreshetOptions`. */
  readonly cdnQuery: () => string;
  readonly cdnCredentials: RequestCredentials | undefined;
  readonly uploads: boolean;
  readonly storeBytes: number;
  readonly player: PlayerView & PlayerFigures;
  readonly log: Log;
  readonly onState: (state: FreshetState, code: StateCode) => void;
  readonly onWarning: (warning: FreshetWarning) => void;
  /** A figure of the statistics may have changed. */
  readonly onChange: () => void;
  /** For tests; default: simple-peer. */
  readonly openLink?: PeerLinkFactory;
}

/** One viewer in one stream's swarm: the core, and everything it acts through. */
export class SwarmSession implements SegmentSource {
  readonly counters: Counters = newCounters();
  readonly news: PlaylistNews;
  readonly urls: SegmentUrls;
  readonly #options: SwarmSessionOptions;
  readonly #clock: Clock = pageClock;
  readonly #store = new PieceStore();
  readonly #following = new Following();
  readonly #core: PeerCore;
  readonly #host: PeerHost;
  readonly #links: Links;
  readonly #lists: PieceLists;
  readonly #intake: PieceIntake;
  readonly #origin: OriginFetches;
  readonly #requests: PlayerRequests;
  readonly #tracker: TrackerLink;
  readonly #reporter: Reporter;
  #policy: Policy = DEFAULT_POLICY;
  /** The origin gives this viewer segments of its own: nothing can be shared, whatever the policy. */
  #perViewer = false;
  #state: FreshetState = 'connecting';
  #joining: Timer | undefined;
  readonly #closing = new AbortController();
  #closed = false;

  constructor(options: SwarmSessionOptions) {
    this.#options = options;
    const { address, token, uploads, storeBytes, player, log } = options;
    const clock = this.#clock;
    const dispatch = (event: PeerEvent) => {
      this.#host.dispatch(event);
    };
    const digest = makeDigest(() => {
      this.giveUp('no-sha256');
    });
    this.news = new PlaylistNews(clock);
    this.urls = new SegmentUrls(address, options.cdnQuery);
    this.#core = new PeerCore({ storeBytes, uploads }, clock());
    this.#lists = new PieceLists(this.#store, dispatch);
    this.#intake = new PieceIntake(
      this.#store,
      digest,
      {
        verified: (bytes) => {
          this.#count('peerBytes', bytes);
        },
        wasted: (bytes) => {
          this.#count('wastedBytes', bytes);
        },
      },
      dispatch,
    );
    this.#origin = new OriginFetches(
      {
        store: this.#store,
        digest,
        clock,
        dispatch,
        credentials: options.cdnCredentials,
        onWasted: (bytes) => {
          this.#count('wastedBytes', bytes);
        },
      },
      {
        onBytes: (key, bytes) => {
          this.#count('originBytes', bytes);
          this.#requests.progress(key);
        },
        onPerViewer: (key) => {
          this.#perViewerFound(key);
        },
      },
    );
    this.#requests = new PlayerRequests(
      this.#store,
      this.#origin,
      player,
      clock,
      dispatch,
      (key) => this.#lists.partsOf(key),
      (bytes) => {
        this.#count('playedBytes', bytes);
      },
    );
    this.#links = new Links(options.openLink ?? openPeerLink, this.#linkHandlers(dispatch), log);
    this.#tracker = new TrackerLink(address, token, this.#trackerHandlers(dispatch), log);
    this.#reporter = new Reporter(
      () => this.#report(),
      (report) => {
        this.#tracker.report(report);
      },
    );
    this.#host = new PeerHost(
      this.#core,
      (command) => {
        perform(command, {
          links: this.#links,
          origin: this.#origin,
          store: this.#store,
          intake: this.#intake,
          requests: this.#requests,
          urls: this.urls,
          policy: this.#policy,
          fetchList: (segment) => {
            void this.#fetchList(segment);
          },
          reportPollution: (pollution) => {
            this.#tracker.pollution(pollution);
            options.onWarning({
              code: 'bad-piece',
              message: 'A neighbour sent a piece that does not match.',
            });
          },
        });
      },
      (error) => {
        options.onWarning({ code: 'internal', message: String(error) });
      },
      clock,
    );
  }

  get state(): FreshetState {
    return this.#state;
  }

  get neighbours(): number {
    return this.#core.neighbours.length;
  }

  /** The tracker is asked after the caller's own code, which lets the player ask for its playlist first. */
  join(): void {
    this.#enter('connecting', 'joining');
    clearTimeout(this.#joining);
    this.#joining = setTimeout(() => {
      this.#tracker.connect();
    });
  }

  /** Goodbye to neighbours and tracker; `join` comes back. */
  leave(): void {
    clearTimeout(this.#joining);
    this.#host.dispatch({ type: 'leave' });
    this.#tracker.leave();
    this.news.connected = false;
    this.#reporter.close();
  }

  /** Leaves for good; the player takes everything from the server. */
  giveUp(code: StateCode): void {
    this.leave();
    this.#enter('plain', code);
  }

  close(): void {
    if (this.#closed) return;
    this.leave();
    this.#closed = true;
    this.#closing.abort();
    this.#requests.failAll();
    this.#host.close();
    this.#tracker.close();
    this.#links.close();
    this.#origin.abortAll();
    this.#store.clear();
  }

  allowUploads(allowed: boolean): void {
    this.#host.dispatch({ type: 'uploads', allowed });
    this.#changed();
  }

  /** The playhead moved otherwise than by playing. */
  playheadMoved(): void {
    this.#requests.playheadMoved();
  }

  /** The player plays. */
  playing(): void {
    this.#host.dispatch({ type: 'playing' });
  }

  /** In plain state hls.js's own loader does it all. */
  accepts(url: string): ReturnType<SegmentSource['accepts']> {
    const segment = this.urls.learn(url);
    return this.#closed || this.#state === 'plain' ? undefined : segment;
  }

  request(request: SegmentRequest): () => void {
    if (this.#following.asked(request.kind, request.segment.rendition, this.#clock())) {
      this.#host.dispatch({ type: 'following', renditions: this.#following.renditions });
    }
    return this.#requests.add(request);
  }

  addressed(url: string): string {
    return this.urls.addressed(url);
  }

  loadedElsewhere(bytes: number): void {
    this.#count('originBytes', bytes);
    this.#count('playedBytes', bytes);
  }

  #linkHandlers(dispatch: (event: PeerEvent) => void): ConstructorParameters<typeof Links>[1] {
    return {
      onOpen: (peer) => {
        dispatch({ type: 'link-open', peer });
        this.#changed();
      },
      onMessage: (peer, bytes) => {
        this.#intake.hear(peer, bytes);
      },
      onSignal: (peer, signal) => {
        this.#tracker.signal(peer, signal);
      },
      onPieceSent: (peer, { segment, piece, bytes }, roundTrip) => {
        this.#count('givenBytes', bytes);
        dispatch({ type: 'piece-sent', peer, segment: segmentKey(segment), piece, roundTrip });
      },
      onClosed: (peer) => {
        this.#intake.linkClosed(peer);
        dispatch({ type: 'link-closed', peer });
        this.#changed();
      },
      onUsedUp: () => {
        const message =
          'No new neighbours until the page is reloaded: it made as many connections as is safe.';
        this.#options.onWarning({ code: 'connections-used-up', message });
      },
    };
  }

  #trackerHandlers(dispatch: (event: PeerEvent) => void): ConstructorParameters<typeof TrackerLink>[2] {
    return {
      describe: () => ({
        neighbours: [...this.#core.neighbours],
        renditions: [...this.#following.renditions],
        uploads: this.#core.uploading,
        cellular: isCellular(),
      }),
      onWelcome: (welcome) => {
        this.#welcome(welcome);
      },
      onAnnouncement: (announcement) => {
        this.#announced(announcement);
      },
      onIntroduction: ({ peer, dial }) => {
        dispatch({ type: 'introduced', peer, dial });
      },
      onSignal: (from, signal) => {
        this.#links.signal(from, signal);
      },
      onPolicy: (policy) => {
        this.#apply(policy);
      },
      onExpulsion: (peer) => {
        dispatch({ type: 'expelled', peer });
      },
      onRefused: ({ code, message }, final) => {
        this.#options.onWarning({ code: 'refused', message });
        this.#trackerLost();
        // Links that stand go on feeding this viewer while a full or stopping server is asked again.
        if (!final && this.neighbours > 0) this.#enter('swarming', 'tracker-lost');
        else {
          if (final) dispatch({ type: 'leave' });
          this.#enter('plain', code);
        }
      },
      onLost: () => {
        this.#trackerLost();
        if (this.#state === 'swarming') this.#enter('swarming', 'tracker-lost');
        else if (this.#state === 'connecting') this.#enter('connecting', 'tracker-unreachable');
      },
    };
  }

  #welcome({ peer, policy, announcements }: Welcome): void {
    this.news.connected = true;
    this.#host.dispatch({ type: 'joined', self: peer });
    this.#apply(policy);
    for (const announcement of announcements) this.#announced(announcement);
    this.#reporter.reset();
    this.#changed();
  }

  #apply(broadcasters: Policy): void {
    const policy: Policy = this.#perViewer
      ? { ...broadcasters, mode: 'off', because: 'per-viewer' }
      : broadcasters;
    this.#policy = policy;
    this.#host.dispatch({ type: 'policy', policy });
    if (policy.mode === 'off') this.#enter('plain', policy.because ?? 'policy');
    else this.#enter('swarming', 'joined');
  }

  /** The tracker is told, and stays connected for its announcements: only links and pieces are of no use. */
  #perViewerFound(key: SegmentKey): void {
    const segment = parseSegmentKey(key);
    if (segment === undefined || this.#state === 'plain') return;
    this.#perViewer = true;
    this.#tracker.difference(segment);
    this.#apply(this.#policy);
  }

  #announced({ injectors, url, bytes, durationMs, hashes, parts, ...segment }: Announcement): void {
    if (url !== undefined) this.urls.locate(segmentKey(segment), url);
    this.#learn(segment, { bytes, durationMs, hashes, parts }, injectors);
    // Who plays parts has the server hold its reloads.
    if (segment.part === undefined) this.news.announced(segment);
  }

  #learn(segment: SegmentId, list: PieceList, injectors: Announcement['injectors']): void {
    const key = segmentKey(segment);
    this.#lists.learn(segment, list, injectors);
    this.#origin.announced(key);
    this.#requests.divided(key);
  }

  async #fetchList(segment: SegmentId): Promise<void> {
    const list = await loadPieceList(this.urls.listUrlOf(segment), this.#clock, this.#closing.signal);
    if (this.#closed) return;
    // An announcement may have been faster, and named injectors.
    if (list !== undefined && !this.#lists.knows(segmentKey(segment))) this.#learn(segment, list, []);
    this.#host.dispatch({ type: 'list-ended', segment });
  }

  #trackerLost(): void {
    this.news.connected = false;
    this.#host.dispatch({ type: 'tracker-lost' });
  }

  #report(): Report {
    const { peerBytes, originBytes, givenBytes, playedBytes } = this.counters;
    const { uplinkKbps, lateInjections } = this.#core;
    const { stalls, startupMs, latencySeconds } = this.#options.player;
    return {
      neighbours: [...this.#core.neighbours],
      renditions: [...this.#following.renditions],
      uploads: this.#core.uploading,
      cellular: isCellular(),
      seeking: this.#core.seeking,
      peerBytes,
      originBytes,
      givenBytes,
      playedBytes,
      stalls,
      lateInjections,
      ...(startupMs !== undefined && { startupMs: Math.round(startupMs) }),
      // In tenths of a second: a finer figure would be news at every report.
      ...(latencySeconds !== undefined && { latencyMs: Math.max(0, Math.round(latencySeconds * 10)) * 100 }),
      ...(uplinkKbps !== undefined && { uplinkKbps: Math.min(uplinkKbps, LIMITS.uplinkKbps) }),
    };
  }

  #count(what: keyof Counters, bytes: number): void {
    if (bytes === 0) return;
    this.counters[what] += bytes;
    this.#changed();
  }

  #changed(): void {
    if (this.#tracker.joined) this.#reporter.changed();
    this.#options.onChange();
  }

  #enter(state: FreshetState, code: StateCode): void {
    if (this.#closed) return;
    const wasPlain = this.#state === 'plain';
    this.#state = state;
    // In plain state nothing is taken ahead of the player.
    if (wasPlain !== (state === 'plain')) {
      const renditions = wasPlain ? this.#following.renditions : [];
      this.#host.dispatch({ type: 'following', renditions });
    }
    this.#options.onState(state, code);
  }
}
