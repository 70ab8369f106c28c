import { DEFAULT_POLICY, type Millis, type PeerId, type Policy } from '@freshet/protocol';
import { PeerCore, type PeerCoreOptions, seededRandom } from '@freshet/swarm';
import type { Checker } from '../checkers/checker.ts';
import { FetchChecker } from '../checkers/fetch-checker.ts';
import { HaveChecker } from '../checkers/have-checker.ts';
import { LinkChecker } from '../checkers/link-checker.ts';
import { RequestChecker } from '../checkers/request-checker.ts';
import { ServeChecker } from '../checkers/serve-checker.ts';
import { WantChecker } from '../checkers/want-checker.ts';
import { HLS_JS, type PlayerOptions, TrackerHost, VirtualClock } from '@freshet/simulator';
import { LabNetwork, type NetworkOptions, QUIET_NETWORK } from '../network/lab-network.ts';
import { LabOrigin, NEAR_ORIGIN, type OriginOptions } from '../network/lab-origin.ts';
import { LabSource, SMALL_SOURCE, type SourceOptions } from '../source/lab-source.ts';
import type { LabObserver, PeerBrain } from './lab-observer.ts';
import { LabTrace } from './lab-trace.ts';
import { LabViewer, type ViewerOptions } from './lab-viewer.ts';
import { type SwarmFigures, takeFigures } from './swarm-figures.ts';

export interface SwarmLabOptions {
  /** The run repeats exactly under the same seed. */
  readonly seed: number;
  readonly policy?: Partial<Policy>;
  readonly network?: Partial<NetworkOptions>;
  readonly origin?: Partial<OriginOptions>;
  readonly source?: Partial<SourceOptions>;
  readonly player?: Partial<PlayerOptions>;
  readonly trackerLatencyMs?: Millis;
  /** Replaces PeerCore in tests of the lab itself. */
  readonly brain?: (options: PeerCoreOptions, now: Millis) => PeerBrain;
}

export interface JoinOptions
  extends Partial<Omit<ViewerOptions, 'player' | 'trackerLatencyMs'>>, Partial<PeerCoreOptions> {}

const TRACKER_LATENCY_MS = 20;
const UPLINK_KBPS = 10_000;
const STORE_BYTES = 64 * 2 ** 20;

/**
 * A whole swarm in memory, on a virtual clock: real cores in a modelled environment. Scenarios join viewers, cause
 * faults and let time pass, while checkers verify the rules.
 */
export class SwarmLab {
  readonly clock = new VirtualClock();
  readonly source: LabSource;
  readonly origin: LabOrigin;
  readonly tracker: TrackerHost;
  readonly network: LabNetwork;
  readonly trace = new LabTrace();
  readonly viewers: LabViewer[] = [];
  readonly #options: SwarmLabOptions;
  readonly #checkers: readonly (Checker & LabObserver)[];
  readonly #observers: LabObserver[];

  constructor(options: SwarmLabOptions) {
    this.#options = options;
    const random = seededRandom(options.seed);
    this.source = new LabSource(this.clock, random, { ...SMALL_SOURCE, ...options.source });
    this.origin = new LabOrigin(this.clock, { ...NEAR_ORIGIN, ...options.origin });
    this.network = new LabNetwork(this.clock, random, { ...QUIET_NETWORK, ...options.network });
    this.tracker = new TrackerHost(this.clock, {
      seed: options.seed,
      policy: { ...DEFAULT_POLICY, ...options.policy },
      connectRoundTrips: 0,
      listed: () => this.source.window,
    });
    const { segmentBytes, spread } = this.source.options;
    const { ttfbMs, kbpsPerClient } = this.origin.options;
    this.#checkers = [
      new WantChecker({
        originServed: (key, from, to) => this.origin.serves(key) && this.origin.wasUp(from, to),
        // Twice, because a transfer of another segment may share the line. Plus the time that the core may wait at
        // startup.
        originNeedsMs: 2 * (ttfbMs + (segmentBytes * (1 + spread) * 8) / kbpsPerClient) + 500,
      }),
      new LinkChecker(),
      new HaveChecker(),
      new RequestChecker(),
      new ServeChecker(),
      new FetchChecker(),
    ];
    this.#observers = [this.trace, ...this.#checkers];
    this.source.start((segment) => {
      this.origin.serve(this.source.window);
      this.tracker.publish(segment);
    });
    this.origin.serve(this.source.window);
  }

  /** Opens a page. Ids are `v01`, `v02` … unless given. */
  join(options: JoinOptions = {}): LabViewer {
    const { id = `v${String(this.viewers.length + 1).padStart(2, '0')}`, serving = 'honest' } = options;
    const { uplinkKbps = UPLINK_KBPS, uploads = true, storeBytes = STORE_BYTES } = options;
    const brain =
      this.#options.brain?.({ uploads, storeBytes }, this.clock.now) ??
      new PeerCore({ uploads, storeBytes }, this.clock.now);
    const { clock, source, origin, tracker, network } = this;
    const viewer = new LabViewer(
      { clock, source, origin, tracker, network, observers: this.#observers },
      brain,
      {
        ...{ id, serving, uplinkKbps, player: { ...HLS_JS, ...this.#options.player } },
        trackerLatencyMs: this.#options.trackerLatencyMs ?? TRACKER_LATENCY_MS,
        ...(options.locality !== undefined && { locality: options.locality }),
      },
    );
    this.viewers.push(viewer);
    viewer.start();
    return viewer;
  }

  /** Opens `count` pages, one every `everyMs`, and lets time pass until the last is open. */
  joinMany(count: number, everyMs: Millis, options: JoinOptions = {}): readonly LabViewer[] {
    return Array.from({ length: count }, (_, i) => {
      if (i > 0) this.run(everyMs);
      return this.join(options);
    });
  }

  run(ms: Millis): void {
    this.clock.runUntil(this.clock.now + ms);
  }

  /** The origin refuses segments and playlists. The tracker stays up. */
  originOut(forMs: Millis): void {
    this.origin.down();
    this.clock.after(forMs, () => {
      this.origin.up();
    });
  }

  /** The tracker's connections stay open, and no message passes. */
  trackerSilent(forMs: Millis): void {
    this.tracker.silence(true);
    this.clock.after(forMs, () => {
      this.tracker.silence(false);
    });
  }

  /** The server dies, and comes back with a new epoch and without memory. */
  restartServer(downMs: Millis): void {
    this.origin.down();
    this.tracker.goDown();
    this.source.pause();
    this.clock.after(downMs, () => {
      this.origin.up();
      this.tracker.comeUp();
      this.source.resume();
    });
  }

  /** Viewers on different sides cannot reach one another; server and tracker reach all. */
  divide(sides: readonly (readonly PeerId[])[], forMs: Millis): void {
    this.network.divide(sides, 3000);
    this.clock.after(forMs, () => {
      this.network.divide([], 0);
    });
  }

  get figures(): SwarmFigures {
    return takeFigures(this);
  }

  /** All that the checkers found so far, including what can only be judged at the end. */
  breaches(): readonly string[] {
    for (const checker of this.#checkers) checker.finish?.(this.clock.now);
    return this.#checkers.flatMap(({ breaches }) => breaches);
  }
}
