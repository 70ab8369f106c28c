import type { Scenario } from '../scenario/scenarios.ts';
import type { Figures } from './measurement.ts';

export interface Line {
  readonly name: string;
  readonly value: string;
  /** Absent: not judged. */
  readonly floor?: string;
  readonly pass?: boolean;
}

/** The largest permitted share of viewers with a stall. */
const MOST_STALLED = 0.001;

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const spread = ({ median, p95 }: { readonly median: number; readonly p95: number }) =>
  `${(median / 1000).toFixed(2)} s, ${(p95 / 1000).toFixed(2)} s`;

/** Compares a run's figures with its scenario's floors. */
export function judge(scenario: Scenario, figures: Figures): readonly Line[] {
  const { floor } = scenario;
  const judged = (over: 'run' | 'steady', value: number) =>
    floor?.over === over ? { floor: `at least ${floor.offload}`, pass: value >= floor.offload } : {};
  const stalled = figures.stalledViewers / Math.max(1, figures.joined);
  return [
    { name: 'offload', value: figures.offload.toFixed(4), ...judged('run', figures.offload) },
    {
      name: 'offload after the joins',
      value: figures.steadyOffload.toFixed(4),
      ...judged('steady', figures.steadyOffload),
    },
    { name: 'origin copies', value: figures.originCopies.toFixed(2) },
    { name: 'origin copies after the joins', value: figures.steadyCopies.toFixed(2) },
    {
      name: 'viewers with a stall',
      value: `${figures.stalledViewers} (${percent(stalled)}), ${figures.stallSeconds.toFixed(1)} s`,
      floor: `at most ${percent(MOST_STALLED)}`,
      pass: stalled <= MOST_STALLED,
    },
    { name: 'latency, median and p95', value: spread(figures.latencyMs) },
    { name: 'startup, median and p95', value: spread(figures.startupMs) },
    { name: 'latency of the picture, median', value: `${(figures.behindMs / 1000).toFixed(2)} s` },
    { name: 'waste', value: percent(figures.waste) },
    ...(figures.worstQueueMs === undefined
      ? []
      : [{ name: 'fullest uplink, p95', value: `${figures.worstQueueMs} ms` }]),
    ...(figures.relayedBytes === 0
      ? []
      : [{ name: 'relayed through TURN', value: `${(figures.relayedBytes / 1e6).toFixed(1)} MB` }]),
    {
      name: 'avoidable stalls',
      value: String(figures.avoidableStalls),
      floor: 'none',
      pass: figures.avoidableStalls === 0,
    },
    {
      name: 'breaches found by the checkers',
      value: String(figures.breaches),
      floor: 'none',
      pass: figures.breaches === 0,
    },
  ];
}

/** The command that repeats a run. */
export function replayLine(
  scenario: string,
  { viewers, seconds, seed }: { readonly viewers: number; readonly seconds: number; readonly seed: number },
): string {
  return `npm run sim -- --viewers ${viewers} --scenario ${scenario} --seconds ${seconds} --seed ${seed}`;
}

export function passes(lines: readonly Line[]): boolean {
  return lines.every(({ pass }) => pass !== false);
}

export function table(lines: readonly Line[]): string {
  const width = (of: (line: Line) => string) => Math.max(...lines.map((line) => of(line).length));
  const [names, values] = [width((l) => l.name), width((l) => l.value)];
  return lines
    .map(({ name, value, floor = '', pass }) => {
      const word = pass === undefined ? '' : pass ? `PASS (${floor})` : `MISS (${floor})`;
      return `  ${name.padEnd(names)}  ${value.padEnd(values)}  ${word}`.trimEnd();
    })
    .join('\n');
}
