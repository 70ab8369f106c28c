import type { EngineName } from '../engines/engine.ts';
import {
  type GroupResult,
  offload,
  originCopies,
  type Traffic,
  type VisitResult,
  waste,
} from './group-result.ts';
import { median } from './median.ts';

/** The figures of one engine: medians over its runs, and over the viewers of all its runs. */
export interface Summary {
  readonly engine: EngineName;
  readonly label: string;
  readonly originCopies: number;
  /** NaN without a steady state. */
  readonly steadyOriginCopies: number;
  readonly offload: number;
  readonly steadyOffload: number;
  readonly waste: number;
  readonly steadyWaste: number;
  readonly startupMs: number;
  readonly firstPictureMs: number;
  readonly latencySeconds: number;
  /**
   * Median of the differences between each visit and the same visit of plain hls.js in the same run. Not the difference
   * of medians: latencies form two clusters a second apart, by the point of the segment clock at which a viewer joins.
   * NaN without plain hls.js.
   */
  readonly latencyToPlainSeconds: number;
  /** Visits with at least one stall, of all visits. */
  readonly stalledVisits: number;
  readonly visits: number;
  /** Sums over all viewers of all runs. */
  readonly stalls: number;
  readonly stalledMs: number;
  readonly decoderStopsMs: number;
  readonly cpuCores: number;
}

/** @param plain the same runs of plain hls.js, if there are any. */
export function summarise(
  label: string,
  results: readonly GroupResult[],
  plain: readonly GroupResult[] = [],
): Summary {
  const [first] = results;
  if (first === undefined) throw new Error(`no run of ${label}`);
  const visits = results.flatMap((result) => result.visits);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const whole = (figure: (traffic: Traffic) => number): number =>
    median(results.map(({ total }) => figure(total)));
  const steady = (figure: (traffic: Traffic) => number): number =>
    median(results.map((result) => result.steady && figure(result.steady)));
  return {
    engine: first.engine,
    label,
    originCopies: whole(originCopies),
    steadyOriginCopies: steady(originCopies),
    offload: whole(offload),
    steadyOffload: steady(offload),
    waste: whole(waste),
    steadyWaste: steady(waste),
    startupMs: median(visits.map(({ startupMs }) => startupMs)),
    firstPictureMs: median(visits.map(({ firstPictureMs }) => firstPictureMs)),
    latencySeconds: median(visits.map(latency)),
    latencyToPlainSeconds: median(
      results.flatMap((result, run) =>
        result.visits.map((visit, i) => difference(latency(visit), latency(plain[run]?.visits[i]))),
      ),
    ),
    stalledVisits: visits.filter(({ stalls }) => stalls > 0).length,
    visits: visits.length,
    stalls: sum(visits.map(({ stalls }) => stalls)),
    stalledMs: sum(visits.map(({ stalledMs }) => stalledMs)),
    decoderStopsMs: sum(visits.map(({ decoderStopsMs }) => decoderStopsMs)),
    cpuCores: median(results.map(({ cpuCores }) => cpuCores)),
  };
}

function latency(visit: VisitResult | undefined): number | undefined {
  return visit === undefined || visit.latencySeconds.length === 0 ? undefined : median(visit.latencySeconds);
}

function difference(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one - other;
}
