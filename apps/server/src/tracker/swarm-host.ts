import { DEFAULT_SHARING, type Sharing } from '@freshet/api';
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
  setBounded,
  type Signal,
  type StreamName,
} from '@freshet/protocol';
import { TraceRecorder, TrackerCore, type TrackerCommand, type TrackerEvent } from '@freshet/swarm';
import type { StoredSegment } from '../buffer/stored-segment.ts';
import type { Place } from '../ice/place.ts';
import { type SignalFault, SignalRelay } from '../ice/signal-relay.ts';
import type { TurnCredentials } from '../ice/turn-credentials.ts';
import type { LiveStream } from '../stream/live-stream.ts';
import { announcement } from './announcement.ts';
import { PerViewerVote } from './per-viewer-vote.ts';
import { areStricter, groupOf, linkRules, type LinkRules, policyFor, type Standing } from './sharing.ts';
import { SwarmView } from './swarm-view.ts';
import type { ViewerSocket } from './viewer-socket.ts';

/** Renditions whose newest segment can be announced again; the oldest is dropped. */
const MAX_RENDITIONS = 64;
/** Banned ids that are kept; the one that was banned first is dropped. */
const MAX_BANNED = 10_000;

export interface SwarmHostOptions {
  readonly stream: LiveStream;
  /** The server's settings. */
  readonly policy: Policy;
  readonly turn?: TurnCredentials | undefined;
  /** Whether the server's settings allow links within one network alone. Default: no. */
  readonly sameNetwork?: boolean | undefined;
  /** The broadcaster's settings for this stream. Default: DEFAULT_SHARING. */
  readonly sharing?: Sharing | undefined;
  readonly seed: number;
  readonly now: () => Millis;
  /** Sends to every viewer of the stream; encoded once, however many viewers there are. */
  readonly broadcast: (announcement: Announcement) => void;
  readonly onPollution: () => void;
  readonly onBanned: () => void;
  /** Called for each opened link with the time since it was dialled, as the viewer reports it. */
  readonly onConnected: (ms: Millis) => void;
  /** Called when sharing is switched off because segments differ from viewer to viewer, and when it is tried again. */
  readonly onPerViewer: (isPerViewer: boolean) => void;
}

type Said = Pick<Report, 'neighbours' | 'renditions' | 'uploads'>;

/** A viewer's claims, which determine its policy. */
export interface Claims {
  /** The number that its group is drawn from. Default: its id. */
  readonly experimentBucket?: number | undefined;
  readonly cellular?: boolean | undefined;
  /** Whether it came for a rehearsal. */
  readonly rehearses?: boolean | undefined;
}

interface Viewer {
  readonly socket: ViewerSocket;
  readonly locality: string | undefined;
  readonly place: Place | undefined;
  claims: Claims;
  /** From its join or its latest report. */
  said: Said;
  standing: Standing;
  /** Whether the core knows it. Viewers of plain HLS stay unknown: introducing or naming them would be useless. */
  shares: boolean;
}

/** Runs one stream's TrackerCore: sockets in, decisions out, and a timer for its wake-ups. */
export class SwarmHost {
  readonly #options: SwarmHostOptions;
  readonly #core: TrackerCore;
  readonly #recorder: TraceRecorder;
  readonly #viewers = new Map<PeerId, Viewer>();
  /** Banned ids, and when each may come back. */
  readonly #banned = new Map<PeerId, Millis>();
  readonly #signals = new SignalRelay();
  /** A segment that is the sum of parts has spread as parts: viewers only learn that it is complete. */
  readonly #onSegment = (segment: StoredSegment) => {
    if (segment.parts === undefined) this.view.published(segment.data.length);
    if (segment.parts === undefined) this.#publish(segment);
    else this.#options.broadcast(announcement(segment));
  };
  /** Each rendition's newest segment or part: the core announces no other. The core does not hold the hashes. */
  readonly #newest = new Map<RenditionId, StoredSegment>();
  /** A segment fetched on demand gets no injectors: viewers elsewhere in the recording have no use for it. */
  readonly #onLoaded = (segment: StoredSegment) => {
    this.view.published(segment.data.length);
    this.#options.broadcast(announcement(segment));
  };
  /** The viewers' own reports, for the console. */
  readonly view: SwarmView;
  #sharing: Sharing;
  #timer: NodeJS.Timeout | undefined;
  readonly #perViewer = new PerViewerVote();
  #perViewerTimer: NodeJS.Timeout | undefined;
  readonly #turnTimer: NodeJS.Timeout | undefined;

  constructor(options: SwarmHostOptions) {
    this.#options = options;
    this.#sharing = options.sharing ?? DEFAULT_SHARING;
    this.view = new SwarmView(options.now, options.onConnected);
    const coreOptions = { seed: options.seed, maxNeighbours: options.policy.maxNeighbours };
    this.#core = new TrackerCore(coreOptions);
    this.#recorder = new TraceRecorder('tracker', coreOptions, options.now());
    if (options.turn !== undefined)
      this.#turnTimer = setInterval(() => {
        this.#tellPolicies();
      }, options.turn.renewMs);
    this.#applyRules({ relayed: false, sameNetwork: false });
    options.stream.on('segment', this.#onSegment);
    options.stream.on('part', this.#onSegment);
    options.stream.on('loaded', this.#onLoaded);
  }

  get stream(): StreamName {
    return this.#options.stream.name;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Open links, as reported. */
  get links(): number {
    return this.#core.links;
  }

  /** Viewers that the core introduces to nobody new for now. */
  get spentBudgets(): number {
    return this.#core.spentBudgets(this.#options.now());
  }

  /** The latest events and commands of the core, as JSON lines for `npm run replay`, without addresses and tokens. */
  get trace(): string {
    return this.#recorder.text();
  }

  /** Whether sharing is off because segments differ from viewer to viewer. */
  get isPerViewer(): boolean {
    return this.#perViewer.until !== undefined;
  }

  /** A viewer's current policy, from the settings of the server and the broadcaster; `off` while `isPerViewer`. */
  policyFor(peer: PeerId, claims: Claims): Policy {
    return this.#policyFor(peer, this.#standingOf(peer, claims));
  }

  /** Applies the broadcaster's new settings, and sends every viewer its policy at once. */
  setSharing(sharing: Sharing): void {
    const old = this.#rules;
    this.#sharing = sharing;
    if (areStricter(this.#rules, old)) this.#cutLinks();
    this.#applyRules(old);
    const entering = [...this.#viewers].filter(([peer, viewer]) => this.#place(peer, viewer));
    // First the policies: under one without sharing, viewers ignore introductions.
    this.#tellPolicies();
    for (const [peer, viewer] of entering) this.#enter(peer, viewer);
  }

  isBanned(peer: PeerId): boolean {
    return (this.#banned.get(peer) ?? 0) > this.#options.now();
  }

  recentAnnouncements() {
    return this.#options.stream
      .recentSegments(LIMITS.announcementsInJoin)
      .map((segment) => announcement(segment));
  }

  join(peer: PeerId, socket: ViewerSocket, said: Said & Claims, locality?: string, place?: Place): void {
    // The same viewer over a new connection, before the old one timed out. The core forgets it first, so that the links
    // that it lost can be made again at once.
    const before = this.#viewers.get(peer);
    this.#viewers.delete(peer);
    before?.socket.disconnect(true);
    if (before?.shares === true) this.#handle({ type: 'peer-left', peer });
    const { neighbours, renditions, uploads, experimentBucket, cellular, rehearses } = said;
    const claims = { experimentBucket, cellular, rehearses };
    const standing = this.#standingOf(peer, claims);
    const shares = this.#shares(standing);
    const last = { neighbours, renditions, uploads };
    const viewer = { socket, locality, place, claims, said: last, standing, shares };
    this.#viewers.set(peer, viewer);
    if (this.#perViewer.joined(peer, locality ?? '')) this.#shareAgain();
    const { buffer, bufferSeconds } = this.#options.stream;
    const held = { bytes: buffer.bytes, seconds: bufferSeconds };
    if (before === undefined) this.view.joined(peer, standing.group, held);
    if (shares) this.#enter(peer, viewer);
  }

  /** @param socket the connection that ended; ignored if another has replaced it */
  leave(peer: PeerId, socket: ViewerSocket): void {
    const viewer = this.#viewers.get(peer);
    if (viewer?.socket !== socket) return;
    this.#forget(peer);
    if (viewer.shares) this.#handle({ type: 'peer-left', peer });
  }

  /** Has every viewer close its links to one that may no longer share. Call it before `leave`. */
  expel(peer: PeerId): void {
    this.#handle({ type: 'peer-expelled', peer });
  }

  report(peer: PeerId, report: Report): void {
    const { neighbours, renditions, uploads, cellular, seeking, uplinkKbps, lateInjections } = report;
    const viewer = this.#viewers.get(peer);
    if (viewer === undefined) return;
    viewer.said = { neighbours, renditions, uploads };
    this.view.reported(peer, report);
    if ((cellular ?? false) !== viewer.standing.cellular) {
      viewer.claims = { ...viewer.claims, cellular };
      const enters = this.#place(peer, viewer);
      viewer.socket.emit('policy', this.#policyFor(peer, viewer.standing));
      if (enters) this.#enter(peer, viewer);
    }
    if (!viewer.shares) return;
    this.#handle({
      ...{ type: 'peer-reported', peer, neighbours, renditions, uploads, seeking },
      ...(uplinkKbps !== undefined && { uplinkKbps }),
      ...(lateInjections !== undefined && { lateInjections }),
    });
  }

  /** Passes a signal on, or says why not. */
  signal(from: PeerId, to: PeerId, signal: Signal): SignalFault | undefined {
    if (!this.#core.areIntroduced(from, to)) return 'not-introduced';
    const viewer = this.#viewers.get(to);
    const { relayed, sameNetwork } = this.#rules;
    const paths = relayed ? 'relayed' : sameNetwork ? 'same-network' : 'any';
    const way = { from: this.#viewers.get(from)?.place, to: viewer?.place, paths } as const;
    const passed = this.#signals.pass(from, to, signal, way, this.#options.now());
    if (typeof passed === 'string') return passed;
    viewer?.socket.emit('signal', { from, signal: passed });
    return undefined;
  }

  pollution(by: PeerId, { peer, piece, ...segment }: Pollution): void {
    this.#options.onPollution();
    this.#handle({ type: 'pollution-reported', by, peer, segment: segmentKey(segment), piece });
  }

  /** A viewer reports that the origin's segments do not match their piece lists. */
  difference(by: PeerId): void {
    const { now, policy, onPerViewer } = this.#options;
    if (policy.mode === 'off' || !this.#perViewer.said(by, now())) return;
    onPerViewer(true);
    this.#tellPolicies();
    this.#perViewerTimer = setTimeout(
      () => {
        this.#shareAgain();
      },
      (this.#perViewer.until ?? now()) - now(),
    );
  }

  close(): void {
    this.#options.stream.off('segment', this.#onSegment);
    this.#options.stream.off('part', this.#onSegment);
    this.#options.stream.off('loaded', this.#onLoaded);
    clearTimeout(this.#timer);
    clearTimeout(this.#perViewerTimer);
    clearInterval(this.#turnTimer);
  }

  #shareAgain(): void {
    clearTimeout(this.#perViewerTimer);
    this.#perViewer.expire();
    this.#options.onPerViewer(false);
    this.#tellPolicies();
  }

  #standingOf(peer: PeerId, { experimentBucket, cellular = false, rehearses = false }: Claims): Standing {
    return {
      group: rehearses ? 'rehearsing' : groupOf(this.#sharing, this.stream, experimentBucket ?? peer),
      cellular,
    };
  }

  #policyFor(peer: PeerId, standing: Standing): Policy {
    const policy = policyFor(this.#options.policy, this.#sharing, standing);
    // A viewer that does not share has no use for the servers, and learns no credentials.
    if (policy.mode === 'off') return { ...policy, iceServers: [] };
    if (this.isPerViewer) return { ...policy, mode: 'off', because: 'per-viewer', iceServers: [] };
    const { turn } = this.#options;
    // Without servers, browsers gather addresses of their own machine alone.
    if (this.#rules.sameNetwork && policy.mode === 'full') return { ...policy, iceServers: [] };
    return turn === undefined ? policy : { ...policy, iceServers: turn.serversFor(peer, policy.iceServers) };
  }

  get #rules(): LinkRules {
    const { policy, sameNetwork = false } = this.#options;
    return linkRules({ relayed: policy.mode === 'relay-only', sameNetwork }, this.#sharing);
  }

  #applyRules(old: LinkRules): void {
    const { sameNetwork } = this.#rules;
    if (sameNetwork !== old.sameNetwork) this.#handle({ type: 'rule-changed', sameNetwork });
  }

  /** Viewers close all links under a policy without sharing. The next policy and introductions follow at once. */
  #cutLinks(): void {
    for (const [peer, viewer] of this.#viewers) {
      if (!viewer.shares) continue;
      const policy = this.#policyFor(peer, viewer.standing);
      viewer.socket.emit('policy', { ...policy, mode: 'off', iceServers: [] });
      viewer.said = { ...viewer.said, neighbours: [] };
      viewer.shares = false;
      this.#handle({ type: 'peer-left', peer });
    }
  }

  #shares(standing: Standing): boolean {
    return policyFor(this.#options.policy, this.#sharing, standing).mode !== 'off';
  }

  /** Updates the viewer's group, and whether it shares. @returns whether it begins to share and has to enter the swarm */
  #place(peer: PeerId, viewer: Viewer): boolean {
    const standing = this.#standingOf(peer, viewer.claims);
    if (standing.group !== viewer.standing.group) {
      this.view.left(peer);
      this.view.joined(peer, standing.group);
    }
    viewer.standing = standing;
    const shares = this.#shares(standing);
    const enters = !viewer.shares && shares;
    if (viewer.shares && !shares) this.#handle({ type: 'peer-left', peer });
    viewer.shares = shares;
    return enters;
  }

  #enter(peer: PeerId, { said, locality }: Viewer): void {
    this.#handle({ type: 'peer-joined', peer, ...said, ...(locality !== undefined && { locality }) });
  }

  #forget(peer: PeerId): void {
    this.#viewers.delete(peer);
    this.#perViewer.left(peer);
    this.view.left(peer);
  }

  #tellPolicies(): void {
    for (const [peer, { socket, standing }] of this.#viewers)
      socket.emit('policy', this.#policyFor(peer, standing));
  }

  #publish(segment: StoredSegment): void {
    setBounded(this.#newest, segment.id.rendition, segment, MAX_RENDITIONS);
    this.#handle({
      type: 'segment-published',
      segment: segment.id,
      bytes: segment.data.length,
      durationMs: segment.durationMs,
    });
  }

  #handle(event: TrackerEvent): void {
    const now = this.#options.now();
    const commands = this.#core.handle(event, now);
    this.#recorder.step(event, now, commands);
    for (const command of commands) this.#execute(command);
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

  #execute(command: TrackerCommand): void {
    switch (command.type) {
      case 'introduce':
        if (command.dial) this.#signals.introduced(command.to, command.peer, this.#options.now());
        this.#viewers.get(command.to)?.socket.emit('introduce', { peer: command.peer, dial: command.dial });
        break;
      case 'announce': {
        const segment = this.#newest.get(command.segment.rendition);
        for (const { peer } of command.injectors) this.view.injects(peer);
        if (segment !== undefined) this.#options.broadcast(announcement(segment, command.injectors));
        break;
      }
      case 'expel':
        this.#viewers.get(command.to)?.socket.emit('expel', { peer: command.peer });
        break;
      case 'ban':
        this.#ban(command.peer, command.forMs);
        break;
    }
  }

  #ban(peer: PeerId, forMs: Millis): void {
    setBounded(this.#banned, peer, this.#options.now() + forMs, MAX_BANNED);
    const socket = this.#viewers.get(peer)?.socket;
    this.#forget(peer);
    // The page joins again, and is refused until the ban ends.
    socket?.disconnect(true);
    this.#options.onBanned();
  }
}
