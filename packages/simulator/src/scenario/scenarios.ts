import { type Internet, LAN } from '../internet/internet.ts';
import type { ViewerTraits } from '../world/sim-viewer.ts';

/**
 * When a viewer joins and leaves, in seconds of the run. `stay` gets its position among all viewers as `order`, 0 to 1.
 */
export interface Stay {
  readonly joinS: number;
  readonly leaveS?: number;
  readonly replaced?: boolean;
}

export interface Scenario {
  readonly summary: string;
  /** Defaults, which a run may override. */
  readonly viewers?: number;
  readonly seconds?: number;
  readonly segmentMs?: number;
  readonly kbps?: readonly number[];
  readonly originMbps?: number;
  readonly internet?: Internet;
  readonly stay?: (order: number, seconds: number, random: () => number) => Stay;
  /** Changes the drawn traits of a viewer. */
  readonly traits?: (drawn: ViewerTraits, random: () => number) => ViewerTraits;
  readonly trackerOutS?: readonly [number, number];
  readonly originOutS?: readonly [number, number];
  /** The least offload, and whether it applies to the whole run or to its steady phase. */
  readonly floor?: { readonly offload: number; readonly over: 'run' | 'steady' };
}

/** The share of a run during which the audience joins. */
const JOINING = 0.25;
const MEAN_STAY_S = 20;
/** Provisional: chosen before these scenarios were measured. */
const PROVISIONAL = { offload: 0.8, over: 'steady' } as const;

const ramp = (order: number, seconds: number): Stay => ({ joinS: order * seconds * JOINING });
const stayOf = (random: () => number) => -Math.log(1 - random()) * MEAN_STAY_S;

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  steady: {
    summary: 'viewers join during the first quarter and stay',
    floor: { offload: 0.98, over: 'steady' },
  },
  'one-network': {
    summary: 'one fast network, 442 kbit/s, as in the benchmark with browsers',
    internet: LAN,
    kbps: [442],
    stay: (order) => ({ joinS: order * 8 }),
    floor: { offload: 0.82, over: 'run' },
  },
  'flash-crowd': {
    summary: 'all join within 5 s',
    stay: (order) => ({ joinS: order * 5 }),
    floor: PROVISIONAL,
  },
  evening: {
    summary: 'a ramp, a plateau, then four fifths leave in the last quarter',
    stay: (order, seconds, random) => {
      const leaves = random() < 0.8;
      const leaveS = seconds * (0.75 + 0.25 * random());
      return leaves ? { ...ramp(order, seconds), leaveS } : ramp(order, seconds);
    },
    floor: { offload: 0.95, over: 'run' },
  },
  churn: {
    summary: 'a mean stay of 20 s; viewers that leave are replaced',
    stay: (order, seconds, random) => {
      const { joinS } = ramp(order, seconds);
      return { joinS, leaveS: joinS + stayOf(random), replaced: true };
    },
    // As 8 real viewers reach it.
    floor: { offload: 0.65, over: 'run' },
  },
  'weak-uplinks': {
    // The acknowledgements of a stream of 800 kbit/s, and the requests for it, take some 60 kbit/s.
    summary: '40 % have uplinks that carry little more than acknowledgements',
    traits: (drawn, random) => (random() < 0.4 ? { ...drawn, upKbps: 100 } : drawn),
    floor: PROVISIONAL,
  },
  'slow-uploader': {
    summary: 'one in eight uploads at 200 kbit/s',
    traits: (drawn, random) => (random() < 1 / 8 ? { ...drawn, upKbps: 200 } : drawn),
    floor: PROVISIONAL,
  },
  polluters: {
    summary: '2 % send corrupt pieces',
    traits: (drawn, random) => (random() < 0.02 ? { ...drawn, pollutes: true } : drawn),
    floor: PROVISIONAL,
  },
  'free-riders': {
    summary: '30 % download and do not upload',
    traits: (drawn, random) => (random() < 0.3 ? { ...drawn, uploads: false } : drawn),
    floor: PROVISIONAL,
  },
  'tracker-outage': { summary: 'no tracker for 30 s', trackerOutS: [0.4, 30], floor: PROVISIONAL },
  'origin-outage': { summary: 'no origin for 5 s', originOutS: [0.5, 5], floor: PROVISIONAL },
  'capped-origin': { summary: 'origin limited to 50 Mbit/s', originMbps: 50, floor: PROVISIONAL },
  'cell-split': {
    summary: 'a third, then all at once, then a third again: cells split and merge',
    stay: (order, seconds) => {
      if (order < 1 / 3) return { joinS: order * 15 };
      return { joinS: seconds * 0.3 + order * 5, leaveS: seconds * (0.7 + 0.05 * order) };
    },
    floor: PROVISIONAL,
  },
  'two-renditions': {
    summary: '400 and 1200 kbit/s; players start low and switch',
    kbps: [400, 1200],
    floor: PROVISIONAL,
  },
  'latency-critical': { summary: '1 s segments', segmentMs: 1000, floor: PROVISIONAL },
};

export function stayIn(scenario: Scenario, order: number, seconds: number, random: () => number): Stay {
  return scenario.stay?.(order, seconds, random) ?? ramp(order, seconds);
}

/** The stay of a viewer that replaces one that left. */
export function replacementStay(joinS: number, random: () => number): Stay {
  return { joinS, leaveS: joinS + stayOf(random), replaced: true };
}
