import { expect, it } from 'vitest';
import { readOptions, sizeOf } from '../cli/options.ts';
import { judge, passes, replayLine, table } from '../report/verdict.ts';
import { simulate } from '../world/simulate.ts';
import { SCENARIOS } from './scenarios.ts';

const RUN = { viewers: 100, seconds: 60, seed: 7 };

/** The floors of a scenario, somewhat below the results in docs/simulator.md. */
interface Floor {
  readonly scenario: string;
  /** After the joins. */
  readonly offload: number;
  /** Viewers with a stall, at most. */
  readonly stalled: number;
  /** Stalls while the origin could serve, at most. The goal is none: docs/simulator.md names each miss. */
  readonly avoidable?: number;
}

const FLOORS: readonly Floor[] = [
  { scenario: 'steady', offload: 0.973, stalled: 4, avoidable: 4 },
  { scenario: 'one-network', offload: 0.98, stalled: 2, avoidable: 2 },
  { scenario: 'flash-crowd', offload: 0.956, stalled: 2, avoidable: 2 },
  { scenario: 'evening', offload: 0.955, stalled: 4, avoidable: 4 },
  { scenario: 'churn', offload: 0.654, stalled: 8, avoidable: 12 },
  { scenario: 'weak-uplinks', offload: 0.767, stalled: 28, avoidable: 41 },
  { scenario: 'slow-uploader', offload: 0.959, stalled: 3, avoidable: 3 },
  { scenario: 'polluters', offload: 0.959, stalled: 3, avoidable: 3 },
  { scenario: 'free-riders', offload: 0.94, stalled: 2, avoidable: 2 },
  { scenario: 'tracker-outage', offload: 0.832, stalled: 5, avoidable: 6 },
  { scenario: 'origin-outage', offload: 0.919, stalled: 81, avoidable: 4 },
  { scenario: 'capped-origin', offload: 0.977, stalled: 3, avoidable: 3 },
  { scenario: 'cell-split', offload: 0.966, stalled: 4, avoidable: 4 },
  { scenario: 'two-renditions', offload: 0.813, stalled: 2, avoidable: 2 },
  { scenario: 'latency-critical', offload: 0.896, stalled: 3, avoidable: 6 },
];

it('has a floor for each scenario', () => {
  expect(FLOORS.map(({ scenario }) => scenario).sort()).toEqual(Object.keys(SCENARIOS).sort());
});

it.each(FLOORS)(
  '$scenario reaches $offload',
  ({ scenario: name, offload, stalled, avoidable = 0 }) => {
    const scenario = SCENARIOS[name];
    if (scenario === undefined) throw new Error(`no scenario ${name}`);
    const figures = simulate(scenario, RUN);
    const told = `${table(judge(scenario, figures))}\nreplay: ${replayLine(name, RUN)}`;
    expect(figures.steadyOffload, told).toBeGreaterThanOrEqual(offload);
    expect(figures.stalledViewers, told).toBeLessThanOrEqual(stalled);
    expect(figures.avoidableStalls, told).toBeLessThanOrEqual(avoidable);
    expect(figures.firstBreaches, told).toEqual([]);
  },
  120_000,
);

/**
 * Runs that once missed a floor, or that a document names: the expected behaviour, and the line that replays the run,
 * as it was printed. Add the line of each failing seed here.
 */
const REPLAYS: readonly (readonly [about: string, line: string])[] = [
  [
    'sixteen viewers of one network stay near one copy',
    'npm run sim -- --viewers 16 --scenario one-network --seconds 60 --seed 7',
  ],
];

it.each(REPLAYS)(
  '%s',
  (_, line) => {
    const { scenarios, ...read } = readOptions(line.replace('npm run sim -- ', '').split(' '));
    for (const name of scenarios) {
      const scenario = SCENARIOS[name];
      if (scenario === undefined) throw new Error(`no scenario ${name}`);
      const options = { ...sizeOf(scenario, read), seed: read.seed };
      const lines = judge(scenario, simulate(scenario, options));
      expect(passes(lines), `${table(lines)}\nreplay: ${line}`).toBe(true);
      expect(replayLine(name, options)).toBe(line);
    }
  },
  120_000,
);
