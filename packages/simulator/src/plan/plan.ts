import { INTERNET } from '../internet/internet.ts';
import type { Second } from '../report/measurement.ts';
import { SCENARIOS, type Scenario } from '../scenario/scenarios.ts';
import { simulate } from '../world/simulate.ts';

/** The behaviour of an audience, and the scenario that models it. */
const AUDIENCES = { stays: 'steady', 'at-once': 'flash-crowd', zaps: 'churn' } as const;

/** A broadcaster's own numbers. */
export interface PlanNumbers {
  /** Simulated viewers. Larger audiences are extrapolated: see `extrapolate`. */
  readonly viewers: number;
  readonly kbps: number;
  readonly segmentSeconds: number;
  /** The share of viewers that upload, 0 to 1. */
  readonly givingShare: number;
  /** `stays`: viewers join one by one; `at-once`: within 5 s; `zaps`: they stay 20 s on average, and are replaced. */
  readonly audience: keyof typeof AUDIENCES;
  /** The rate of the server's line. */
  readonly originMbps: number;
}

/** The range of each number. Numbers outside are refused, because their run would not end within minutes. */
export const PLAN_LIMITS = {
  viewers: [2, 1000],
  kbps: [32, 20_000],
  segmentSeconds: [1, 10],
  givingShare: [0, 1],
  originMbps: [1, 100_000],
} as const satisfies Readonly<Record<Exclude<keyof PlanNumbers, 'audience'>, readonly [number, number]>>;

/** Each run draws other lines and other uploading viewers: one run says little. */
export const PLAN_RUNS = 3;
/** Viewers that join one by one do so over this time, or at ten a second if that takes longer, but within a minute. */
const LEAST_JOINING_S = 15;
const MOST_JOINING_S = 60;
const JOINS_PER_S = 10;
/** The time after the joins: until every viewer plays, and as long again. Segments of ten seconds need longer. */
const STEADY_S = 45;
const STEADY_SEGMENTS = 12;
/** A viewer whose line carries less than this many times the bitrate would not be offered it. */
const ROOM = 1.5;

export interface PlanOutcome {
  /**
   * After all have joined: 0 to 1, below 0 when the origin sent more than was played. Of the median run, like all other
   * figures but `leastOffload` and `mostOffload`.
   */
  readonly offload: number;
  readonly leastOffload: number;
  readonly mostOffload: number;
  /** From the first byte, including the joins. */
  readonly offloadOfAll: number;
  readonly joined: number;
  readonly viewersWithStall: number;
  readonly medianStartupMs: number;
  readonly medianLatencyMs: number;
  readonly seconds: readonly Second[];
}

/**
 * Runs the cores with these numbers. The same numbers give the same outcome.
 * @param onProgress called repeatedly with the share that is done, 0 to 1
 * @throws RangeError for numbers outside of `PLAN_LIMITS`
 */
export function runPlan(numbers: PlanNumbers, onProgress: (share: number) => void): PlanOutcome {
  for (const name of Object.keys(PLAN_LIMITS) as (keyof typeof PLAN_LIMITS)[]) {
    const [least, most] = PLAN_LIMITS[name];
    if (!(numbers[name] >= least && numbers[name] <= most))
      throw new RangeError(`${name} must be from ${least} to ${most}, not ${numbers[name]}`);
  }
  const viewers = Math.floor(numbers.viewers);
  const joiningS = joiningSeconds(viewers);
  const seconds = Math.ceil(joiningS + Math.max(STEADY_S, STEADY_SEGMENTS * numbers.segmentSeconds));
  const scenario = scenarioOf(numbers, joiningS);
  const runs = Array.from({ length: PLAN_RUNS }, (_, run) =>
    simulate(scenario, {
      ...{ viewers, seconds, seed: run + 1 },
      onSecond: ({ s }) => {
        onProgress((run + s / seconds) / PLAN_RUNS);
      },
    }),
  ).sort((a, b) => a.steadyOffload - b.steadyOffload);
  const middle = runs[Math.floor(PLAN_RUNS / 2)];
  const [least, most] = [runs[0], runs[PLAN_RUNS - 1]];
  if (middle === undefined || least === undefined || most === undefined) throw new Error('no run');
  return {
    offload: middle.steadyOffload,
    leastOffload: least.steadyOffload,
    mostOffload: most.steadyOffload,
    offloadOfAll: middle.offload,
    joined: middle.joined,
    viewersWithStall: middle.stalledViewers,
    medianStartupMs: middle.startupMs.median,
    medianLatencyMs: middle.latencyMs.median,
    seconds: middle.seconds,
  };
}

function joiningSeconds(viewers: number): number {
  return Math.min(MOST_JOINING_S, Math.max(LEAST_JOINING_S, viewers / JOINS_PER_S));
}

function scenarioOf(numbers: PlanNumbers, joiningS: number): Scenario {
  const { kbps, segmentSeconds, givingShare, audience, originMbps } = numbers;
  return {
    ...(SCENARIOS[AUDIENCES[audience]] ?? { summary: audience, floor: { offload: 0, over: 'run' } }),
    ...(audience === 'stays' && { stay: (order) => ({ joinS: order * joiningS }) }),
    kbps: [kbps],
    segmentMs: segmentSeconds * 1000,
    originMbps,
    internet: {
      ...INTERNET,
      home: (random, order) => {
        const home = INTERNET.home(random, order);
        return { ...home, downKbps: Math.max(home.downKbps, ROOM * kbps) };
      },
    },
    traits: (drawn, random) => ({ ...drawn, uploads: random() < givingShare }),
  };
}
