import type { GroupResult } from './group-result.ts';
import { median } from './median.ts';

/** The figures of all repetitions: medians over runs, and over the viewers of all runs. */
export interface Summary {
  readonly originCopies: number;
  readonly steadyOriginCopies: number;
  readonly offload: number;
  readonly startupMs: number;
  readonly firstPictureMs: number;
  readonly latencySeconds: number;
  /** Of all viewers of all runs. */
  readonly stalls: number;
  readonly stalledMs: number;
  readonly decoderStopsMs: number;
  readonly cpuCores: number;
}

export function summarise(results: readonly GroupResult[]): Summary {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    originCopies: median(results.map(({ originCopies }) => originCopies)),
    steadyOriginCopies: median(results.map(({ steadyOriginCopies }) => steadyOriginCopies)),
    offload: median(results.map(({ offload }) => offload)),
    startupMs: median(results.flatMap(({ startupMs }) => startupMs)),
    firstPictureMs: median(results.flatMap(({ firstPictureMs }) => firstPictureMs)),
    latencySeconds: median(results.flatMap(({ latencySeconds }) => latencySeconds)),
    stalls: sum(results.flatMap(({ stalls }) => stalls)),
    stalledMs: sum(results.flatMap((result) => result.stalledMs)),
    decoderStopsMs: sum(results.flatMap((result) => result.decoderStopsMs)),
    cpuCores: median(results.map(({ cpuCores }) => cpuCores)),
  };
}

/** The table that the bench prints. `limit`: 1 - 1/N, what no swarm of N viewers can exceed. */
export function table(plain: Summary, freshet: Summary, viewers: number): string {
  const rows: readonly (readonly [string, string, string, string])[] = [
    ['', 'plain hls.js', 'Freshet', 'difference'],
    row('origin copies', (s) => s.originCopies.toFixed(2)),
    row('origin copies, steady', (s) => s.steadyOriginCopies.toFixed(2)),
    row('offload', (s) => s.offload.toFixed(3), `limit ${(1 - 1 / viewers).toFixed(3)}`),
    row('startup, ms', (s) => s.startupMs.toFixed(0), signed(freshet.startupMs - plain.startupMs, 0)),
    row(
      'first picture, ms',
      (s) => s.firstPictureMs.toFixed(0),
      signed(freshet.firstPictureMs - plain.firstPictureMs, 0),
    ),
    row(
      'live latency, s',
      (s) => s.latencySeconds.toFixed(2),
      signed(freshet.latencySeconds - plain.latencySeconds, 2),
    ),
    row('stalls', (s) => String(s.stalls)),
    row('stalled, ms', (s) => s.stalledMs.toFixed(0)),
    row('decoder stops, ms', (s) => s.decoderStopsMs.toFixed(0)),
    row(
      'browser CPU, cores',
      (s) => s.cpuCores.toFixed(2),
      `x ${(freshet.cpuCores / plain.cpuCores).toFixed(2)}`,
    ),
  ];
  return rows
    .map(([name, ...cells]) => name.padEnd(24) + cells.map((cell) => cell.padStart(14)).join(''))
    .join('\n');

  function row(
    name: string,
    write: (summary: Summary) => string,
    difference = '',
  ): readonly [string, string, string, string] {
    return [name, write(plain), write(freshet), difference];
  }
}

function signed(value: number, digits: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`;
}
