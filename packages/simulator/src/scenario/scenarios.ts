import { type Internet, LAN } from '../network/internet.ts';
import type { ViewerTraits } from '../world/sim-viewer.ts';

/** When viewers come and go, in seconds of a run of `seconds`. `order`: 0 to 1, the viewer's place among all. */
export interface Stay {
  readonly joinS: number;
  readonly leaveS?: number;
  readonly replaced?: boolean;
}

export interface Scenario {
  readonly summary: string;
  readonly segmentMs?: number;
  readonly kbps?: readonly number[];
  readonly originMbps?: number;
  readonly internet?: Internet;
  readonly stay?: (order: number, seconds: number, random: () => number) => Stay;
  /** What is special about the viewers. */
  readonly traits?: (drawn: ViewerTraits, random: () => number) => ViewerTraits;
  readonly trackerOutS?: readonly [number, number];
  readonly originOutS?: readonly [number, number];
  /** Least offload, and over which part of the run it counts. */
  readonly floor: { readonly offload: number; readonly over: 'run' | 'steady' };
}

/** The share of a run in which the audience comes. */
const JOINING = 0.25;
const MEAN_STAY_S = 20;
/** Where the issue names no floor: provisional, chosen before these scenarios were measured. */
const UNNAMED = { offload: 0.8, over: 'steady' } as const;

const ramp = (order: number, seconds: number): Stay => ({ joinS: order * seconds * JOINING });
const stayOf = (random: () => number) => -Math.log(1 - random()) * MEAN_STAY_S;

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  steady: {
    summary: 'viewers come over the first quarter and stay',
    floor: { offload: 0.98, over: 'steady' },
  },
  'one-network': {
    summary: 'one fast network, 442 kbit/s: what the benchmark measures in browsers',
    internet: LAN,
    kbps: [442],
    stay: (order) => ({ joinS: order * 8 }),
    floor: { offload: 0.82, over: 'run' },
  },
  'flash-crowd': {
    summary: 'all come within 5 s',
    stay: (order) => ({ joinS: order * 5 }),
    floor: UNNAMED,
  },
  evening: {
    summary: 'a ramp, a plateau, and four fifths go in the last quarter',
    stay: (order, seconds, random) => {
      const leaves = random() < 0.8;
      const leaveS = seconds * (0.75 + 0.25 * random());
      return leaves ? { ...ramp(order, seconds), leaveS } : ramp(order, seconds);
    },
    floor: { offload: 0.95, over: 'run' },
  },
  churn: {
    summary: 'a mean stay of 20 s; whoever goes is replaced',
    stay: (order, seconds, random) => {
      const { joinS } = ramp(order, seconds);
      return { joinS, leaveS: joinS + stayOf(random), replaced: true };
    },
    // Named in the issue for 8 real viewers.
    floor: { offload: 0.65, over: 'run' },
  },
  'weak-uplinks': {
    summary: '40 % have an uplink that carries nothing to speak of',
    traits: (drawn, random) => (random() < 0.4 ? { ...drawn, upKbps: 8 } : drawn),
    floor: UNNAMED,
  },
  'slow-uploader': {
    summary: 'one in eight gives at 200 kbit/s',
    traits: (drawn, random) => (random() < 1 / 8 ? { ...drawn, upKbps: 200 } : drawn),
    floor: UNNAMED,
  },
  polluters: {
    summary: '2 % send other bytes than they were asked for',
    traits: (drawn, random) => (random() < 0.02 ? { ...drawn, pollutes: true } : drawn),
    floor: UNNAMED,
  },
  'free-riders': {
    summary: '30 % take and do not give',
    traits: (drawn, random) => (random() < 0.3 ? { ...drawn, uploads: false } : drawn),
    floor: UNNAMED,
  },
  'tracker-outage': { summary: 'no tracker for 30 s', trackerOutS: [0.4, 30], floor: UNNAMED },
  'origin-outage': { summary: 'no origin for 5 s', originOutS: [0.5, 5], floor: UNNAMED },
  'capped-origin': { summary: 'an origin with 50 Mbit/s', originMbps: 50, floor: UNNAMED },
  'cell-split': {
    summary: 'a third, then all at once, then down to a third: cells split and merge',
    stay: (order, seconds) => {
      if (order < 1 / 3) return { joinS: order * 15 };
      return { joinS: seconds * 0.3 + order * 5, leaveS: seconds * (0.7 + 0.05 * order) };
    },
    floor: UNNAMED,
  },
  'two-renditions': {
    summary: '400 and 1200 kbit/s; players start low and switch',
    kbps: [400, 1200],
    floor: UNNAMED,
  },
  'latency-critical': { summary: 'segments of 1 s', segmentMs: 1000, floor: UNNAMED },
};

export function stayIn(scenario: Scenario, order: number, seconds: number, random: () => number): Stay {
  return scenario.stay?.(order, seconds, random) ?? ramp(order, seconds);
}

/** Whoever takes the place of one that went. */
export function replacementStay(joinS: number, random: () => number): Stay {
  return { joinS, leaveS: joinS + stayOf(random), replaced: true };
}
