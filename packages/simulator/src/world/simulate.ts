import { seededRandom } from '@freshet/swarm';
import { VirtualClock } from '../clock/virtual-clock.ts';
import { TrackerHost } from '../host/tracker-host.ts';
import { INTERNET } from '../internet/internet.ts';
import { Origin } from '../origin/origin.ts';
import { SimNetwork } from '../network/sim-network.ts';
import { type Figures, Measurement, type Second } from '../report/measurement.ts';
import { replacementStay, type Scenario, type Stay, stayIn } from '../scenario/scenarios.ts';
import { Programme } from '../source/programme.ts';
import { SimViewer } from './sim-viewer.ts';
import { StallWatch } from './stall-watch.ts';
import { Breaches, ViewerCheck } from './viewer-check.ts';

export interface SimulationOptions {
  readonly viewers: number;
  readonly seconds: number;
  readonly seed: number;
  /** Called at the end of each second of the run. */
  readonly onSecond?: (second: Second) => void;
}

const SEGMENT_MS = 2000;
const WINDOW = 10;
const KBPS = [800];
const ORIGIN_MBPS = 1000;
/** Clocks of viewers' machines differ from each other by up to this. */
const CLOCKS_MS = 3_600_000;
/** To set up a connection: TCP, WebSocket, and socket.io's own handshake. */
const CONNECT_ROUND_TRIPS = 3;
/** The time between the last join and the steady phase, which begins in the middle of the run at the latest. */
const SETTLE_S = 10;

/** Runs a scenario to its end. The same options give the same figures to the last digit. */
export function simulate(scenario: Scenario, options: SimulationOptions): Figures {
  const { viewers, seconds, seed, onSecond } = options;
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const kbps = scenario.kbps ?? KBPS;
  const internet = scenario.internet ?? INTERNET;
  const programme = new Programme(clock, random, {
    segmentMs: scenario.segmentMs ?? SEGMENT_MS,
    window: WINDOW,
    kbps,
  });
  const origin = new Origin(clock, scenario.originMbps ?? ORIGIN_MBPS);
  const network = new SimNetwork(clock, internet, random, seed);
  const tracker = new TrackerHost(clock, {
    seed,
    connectRoundTrips: CONNECT_ROUND_TRIPS,
    listed: () => programme.listed,
  });
  const breaches = new Breaches();
  const avoidable = new Breaches();
  const stalls = new StallWatch(kbps[0] ?? 0, origin, avoidable);
  const everyone: SimViewer[] = [];

  const join = (stay: Stay) => {
    clock.at(stay.joinS * 1000, () => {
      // Sixteen characters, as the server issues them.
      const id = `v${String(everyone.length).padStart(15, '0')}`;
      const home = internet.home(random, everyone.length);
      const clockOffsetMs = random() * CLOCKS_MS;
      const drawn = { id, ...home, clockOffsetMs, uploads: true, pollutes: false };
      const traits = scenario.traits?.(drawn, random) ?? drawn;
      const world = { clock, random, internet, programme, origin, network, tracker };
      const viewer = new SimViewer(world, traits, new ViewerCheck(id, breaches));
      everyone.push(viewer);
      viewer.start();
      const { leaveS } = stay;
      if (leaveS === undefined || leaveS >= seconds) return;
      clock.at(leaveS * 1000, () => {
        viewer.leave(random() < 0.5);
        if (stay.replaced === true) join(replacementStay(leaveS, random));
      });
    });
  };
  let lastJoinS = 0;
  for (let i = 0; i < viewers; i++) {
    const stay = stayIn(scenario, i / viewers, seconds, random);
    lastJoinS = Math.max(lastJoinS, stay.joinS);
    join(stay);
  }
  outage(clock, seconds, scenario.trackerOutS, tracker);
  outage(clock, seconds, scenario.originOutS, origin);
  programme.start((segment) => {
    tracker.publish(segment);
  });

  const measurement = new Measurement({ origin, network, programme, viewers: everyone });
  const areIn = (byS: number) =>
    lastJoinS <= byS &&
    everyone.every((viewer) => viewer.isGone || (viewer.admittedAt ?? Infinity) <= byS * 1000);
  for (let s = 1; s <= seconds; s++) {
    clock.runUntil(s * 1000);
    for (const viewer of everyone) stalls.look(viewer, clock.now);
    if (s >= seconds / 2 || areIn(s - SETTLE_S)) measurement.steadyBegins();
    const second = measurement.second(s);
    onSecond?.(second);
  }
  return measurement.figures(breaches, avoidable);
}

function outage(
  clock: VirtualClock,
  seconds: number,
  when: readonly [number, number] | undefined,
  server: { goDown(): void; comeUp(): void },
): void {
  if (when === undefined) return;
  const [share, forS] = when;
  clock.at(share * seconds * 1000, () => {
    server.goDown();
  });
  clock.at((share * seconds + forS) * 1000, () => {
    server.comeUp();
  });
}
