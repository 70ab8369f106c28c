import { DEFAULT_POLICY, parseSegmentKey, type Policy, segmentKey, type SegmentKey } from '@freshet/protocol';
import { PeerCore, type PeerEvent, TraceRecorder } from '@freshet/swarm';
import type { FreshetState, FreshetWarning, StateCode } from '../api.ts';
import { ReloadScheduler } from '../hlsjs/reload-scheduler.ts';
import type { SegmentRequest, SegmentSource } from '../hlsjs/segment-source.ts';
import { OriginFetches } from '../origin/origin-fetches.ts';
import type { AccessToken } from '../origin/access-token.ts';
import { SegmentUrls } from '../origin/segment-urls.ts';
import type { StreamAddress } from '../origin/stream-address.ts';
import { FeedbackReader } from '../peers/feedback-reader.ts';
import { LOST, openPeerLink, type PeerLinkFactory } from '../peers/peer-link.ts';
import { PeerLinks, type PeerLinksHandlers } from '../peers/peer-links.ts';
import { PieceReceiver } from '../peers/piece-receiver.ts';
import { type ConnectionEvent, nextConnectionState } from './connection-state.ts';
import { CoreRunner } from './core-runner.ts';
import { type Counters, newCounters } from './counters.ts';
import { FollowedRenditions } from './followed-renditions.ts';
import { LearnedSegments } from './learned-segments.ts';
import { PlayerRequests, type PlayerView } from './player-requests.ts';
import { runCommand } from './run-command.ts';
import { describeViewer, type PlaybackFigures, reportOf } from './viewer-report.ts';
import { PieceLists } from '../store/piece-lists.ts';
import { PieceStore } from '../store/piece-store.ts';
import { makeDigest } from '../store/verify.ts';
import { Reporter } from '../tracker/reporter.ts';
import { type TrackerHandlers, TrackerLink } from '../tracker/tracker-link.ts';
import { type Clock, pageClock, type Timer } from '../util/clock.ts';
import type { Log } from '../util/log.ts';

export interface SwarmSessionOptions {
  readonly address: StreamAddress;
  readonly access: AccessToken;
  /** See `FreshetOptions`. */
  readonly cdnQuery: () => string;
  readonly cdnCredentials: RequestCredentials | undefined;
  readonly uploads: boolean;
  readonly storeBytes: number;
  readonly player: PlayerView & PlaybackFigures;
  readonly log: Log;
  readonly onState: (state: FreshetState, code: StateCode) => void;
  readonly onWarning: (warning: FreshetWarning) => void;
  /** A figure of the statistics may have changed. */
  readonly onChange: () => void;
  /** For tests. Default: simple-peer. */
  readonly openLink?: PeerLinkFactory;
}

/** One viewer in one stream's swarm: the core, and everything through which it acts. */
export class SwarmSession implements SegmentSource {
  readonly counters: Counters = newCounters();
  readonly reloads: ReloadScheduler;
  readonly urls: SegmentUrls;
  readonly #options: SwarmSessionOptions;
  readonly #clock: Clock = pageClock;
  readonly #store = new PieceStore();
  readonly #followed = new FollowedRenditions();
  readonly #core: PeerCore;
  readonly #recorder: TraceRecorder;
  readonly #runner: CoreRunner;
  readonly #links: PeerLinks;
  readonly #segments: LearnedSegments;
  readonly #receiver: PieceReceiver;
  readonly #origin: OriginFetches;
  readonly #requests: PlayerRequests;
  readonly #tracker: TrackerLink;
  readonly #reporter: Reporter;
  #policy: Policy = DEFAULT_POLICY;
  /** The origin gives each viewer different segments: nothing can be shared, whatever the policy says. */
  #perViewer = false;
  #state: FreshetState = 'connecting';
  #joining: Timer | undefined;
  #closed = false;

  constructor(options: SwarmSessionOptions) {
    this.#options = options;
    const { address, access, uploads, storeBytes, player, log } = options;
    const clock = this.#clock;
    const dispatch = this.#dispatch;
    const counting = (what: keyof Counters) => (bytes: number) => {
      this.#count(what, bytes);
    };
    const digest = makeDigest(() => {
      this.giveUp('no-sha256');
    });
    this.reloads = new ReloadScheduler(clock);
    this.urls = new SegmentUrls(address, options.cdnQuery, (url) => access.authorised(url));
    const startedAt = clock();
    this.#core = new PeerCore({ storeBytes, uploads }, startedAt);
    this.#recorder = new TraceRecorder('peer', { storeBytes, uploads }, startedAt);
    const lists = new PieceLists(this.#store, dispatch);
    this.#links = new PeerLinks(options.openLink ?? openPeerLink, this.#linkHandlers(), log);
    this.#receiver = new PieceReceiver(
      this.#store,
      digest,
      { verified: counting('peerBytes'), wasted: counting('wastedBytes') },
      this.#links,
      new FeedbackReader(this.#links.pacer),
      clock,
      dispatch,
    );
    this.#origin = new OriginFetches(
      {
        store: this.#store,
        digest,
        clock,
        dispatch,
        credentials: options.cdnCredentials,
        onWasted: counting('wastedBytes'),
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
      lists,
      counting('playedBytes'),
    );
    this.#segments = new LearnedSegments({
      lists,
      urls: this.urls,
      reloads: this.reloads,
      origin: this.#origin,
      requests: this.#requests,
      clock,
      dispatch,
    });
    this.#tracker = new TrackerLink(address, access, this.#trackerHandlers(), log);
    this.#reporter = new Reporter(
      () => reportOf(this.#core, this.#followed, this.#links, this.counters, player),
      (report) => {
        this.#tracker.report(report);
      },
    );
    this.#runner = new CoreRunner(
      this.#core,
      (command) => {
        runCommand(command, {
          links: this.#links,
          origin: this.#origin,
          store: this.#store,
          receiver: this.#receiver,
          requests: this.#requests,
          urls: this.urls,
          policy: this.#policy,
          fetchList: (segment) => {
            void this.#segments.fetchList(segment);
          },
          reportPollution: (pollution) => {
            this.#tracker.pollution(pollution);
            options.onWarning({
              code: 'bad-piece',
              message: 'A neighbour sent a corrupt piece.',
            });
          },
        });
      },
      (error) => {
        options.onWarning({ code: 'internal', message: String(error) });
      },
      clock,
      this.#recorder,
    );
  }

  /** See `Freshet.record`. */
  get trace(): string {
    return this.#recorder.text();
  }

  get state(): FreshetState {
    return this.#state;
  }

  get neighbours(): number {
    return this.#core.neighbours.length;
  }

  get links(): Pick<PeerLinks, 'kinds' | 'connectMs'> {
    return this.#links;
  }

  /** Connects to the tracker after the caller's own code, which lets the player request its playlist first. */
  join(): void {
    this.#enter('join');
    clearTimeout(this.#joining);
    this.#joining = setTimeout(() => {
      this.#tracker.connect();
    });
  }

  /** Says goodbye to neighbours and tracker. `join` returns to the swarm. */
  leave(): void {
    clearTimeout(this.#joining);
    this.#dispatch({ type: 'leave' });
    this.#tracker.leave();
    this.reloads.connected = false;
    this.#reporter.close();
  }

  /** Leaves for good. From then on the player loads everything from the server. */
  giveUp(code: StateCode): void {
    this.leave();
    this.#enter('given-up', code);
  }

  close(): void {
    if (this.#closed) return;
    this.leave();
    this.#closed = true;
    this.#segments.close();
    this.#requests.failAll();
    this.#runner.close();
    this.#tracker.close();
    this.#links.close();
    this.#origin.abortAll();
    this.#store.clear();
  }

  /** The page is back online, perhaps on another network. Lost links are replaced once their end is noticed. */
  online(): void {
    this.#tracker.renew();
  }

  allowUploads(allowed: boolean): void {
    this.#dispatch({ type: 'uploads', allowed });
    this.#changed();
  }

  /** The playhead jumped, stopped, resumed or changed its rate. */
  playheadMoved(): void {
    this.#requests.playheadMoved();
  }

  /** The player starts to play, for the first time or again. */
  playing(): void {
    this.#dispatch({ type: 'playing' });
  }

  /** In plain state hls.js's own loader fetches everything. */
  accepts(url: string): ReturnType<SegmentSource['accepts']> {
    const segment = this.urls.learn(url);
    return this.#closed || this.#state === 'plain' ? undefined : segment;
  }

  request(request: SegmentRequest): () => void {
    if (this.#followed.asked(request.kind, request.segment.rendition, this.#clock())) {
      this.#dispatch({ type: 'following', renditions: this.#followed.renditions });
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

  readonly #dispatch = (event: PeerEvent): void => {
    this.#runner.dispatch(event);
  };

  #linkHandlers(): PeerLinksHandlers {
    return {
      onOpen: (peer) => {
        this.#dispatch({ type: 'link-open', peer });
        this.#changed();
      },
      onMessage: (peer, bytes) => {
        this.#receiver.receive(peer, bytes);
      },
      onSignal: (peer, signal) => {
        this.#tracker.signal(peer, signal);
      },
      onPieceSent: (peer, { segment, piece, bytes }) => {
        this.#count('uploadedBytes', bytes);
        this.#dispatch({ type: 'piece-sent', peer, segment: segmentKey(segment), piece });
      },
      onPieceBrokenOff: (bytes) => {
        this.#count('uploadedBytes', bytes);
      },
      onReplaced: (peer) => {
        this.#receiver.linkClosed(peer);
      },
      onClosed: (peer, why) => {
        this.#receiver.linkClosed(peer);
        this.#dispatch({ type: 'link-closed', peer });
        // The last link was lost rather than closed: this viewer's own network failed, so the connection to the tracker
        // is dead as well.
        if (why === LOST && this.neighbours === 0) this.#tracker.renew();
        this.#changed();
      },
      onUsedUp: () => {
        const message = 'The limit of connections per page is reached. Reload the page for new neighbours.';
        this.#options.onWarning({ code: 'connections-used-up', message });
      },
    };
  }

  #trackerHandlers(): TrackerHandlers {
    return {
      describe: () => describeViewer(this.#core, this.#followed),
      onWelcome: ({ peer, policy, announcements }) => {
        this.reloads.connected = true;
        this.#dispatch({ type: 'joined', self: peer });
        this.#apply(policy);
        for (const announcement of announcements) this.#segments.announced(announcement);
        this.#reporter.reset();
        this.#changed();
      },
      onAnnouncement: (announcement) => {
        this.#segments.announced(announcement);
      },
      onIntroduction: ({ peer, dial }) => {
        this.#dispatch({ type: 'introduced', peer, dial });
      },
      onSignal: (from, signal) => {
        this.#links.signal(from, signal);
      },
      onPolicy: (policy) => {
        this.#apply(policy);
      },
      onExpulsion: (peer) => {
        this.#dispatch({ type: 'expelled', peer });
      },
      onRefused: ({ code, message }, final) => {
        this.#options.onWarning({ code: 'refused', message });
        this.#trackerLost();
        if (final) this.#dispatch({ type: 'leave' });
        this.#enter(!final && this.neighbours > 0 ? 'refused-while-linked' : 'refused', code);
      },
      onLost: () => {
        this.#trackerLost();
        this.#enter('tracker-lost');
      },
    };
  }

  #apply(broadcasters: Policy): void {
    const policy: Policy = this.#perViewer
      ? { ...broadcasters, mode: 'off', because: 'per-viewer' }
      : broadcasters;
    this.#policy = policy;
    // The core dials no server, so the addresses and passwords of ICE servers stay out of traces.
    this.#dispatch({ type: 'policy', policy: { ...policy, iceServers: [] } });
    this.#enter(policy.mode === 'off' ? 'sharing-off' : 'sharing-on', policy.because);
  }

  /** Tells the tracker, and stays connected to it for its announcements: only links and pieces are of no more use. */
  #perViewerFound(key: SegmentKey): void {
    const segment = parseSegmentKey(key);
    if (segment === undefined || this.#state === 'plain') return;
    this.#perViewer = true;
    this.#tracker.difference(segment);
    this.#apply(this.#policy);
  }

  #trackerLost(): void {
    this.reloads.connected = false;
    this.#dispatch({ type: 'tracker-lost' });
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

  #enter(event: ConnectionEvent, reason?: StateCode): void {
    const next = nextConnectionState(this.#state, event, reason);
    if (this.#closed || next === undefined) return;
    const [state, code] = next;
    const wasPlain = this.#state === 'plain';
    this.#state = state;
    // In plain state nothing is fetched ahead of the player.
    if (wasPlain !== (state === 'plain')) {
      const renditions = wasPlain ? this.#followed.renditions : [];
      this.#dispatch({ type: 'following', renditions });
    }
    this.#options.onState(state, code);
  }
}
