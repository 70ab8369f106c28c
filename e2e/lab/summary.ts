import type { GroupResult } from '../bench/report/group-result.ts';
import { median } from '../bench/report/median.ts';
import { summarise, type Summary } from '../bench/report/summary.ts';
import { given, type LabResult, used, waste, worstQueueMs } from './group-result.ts';
import type { CallWindow } from './net/window.ts';

/** The figures of one engine: those of bench:swarm and those of the lines, as medians over its runs. */
export interface LabSummary {
  readonly swarm: Summary;
  /** Media that viewers uploaded, and how much of it players used, in the window in which waste is measured. */
  readonly uploadedBytes: number;
  readonly usedBytes: number;
  readonly waste: number;
  /** Queue of the fullest uplink, 95th percentile in milliseconds. */
  readonly queueMs: number;
  /** Packets that full queues dropped, up and down, in all homes. */
  readonly dropped: number;
  /** Of the worst call; NaN without calls. */
  readonly call: CallSummary;
  readonly idle: number;
  readonly lab: number;
  readonly others: number;
  /** Mean wait of the lab's threads for a core, in milliseconds. */
  readonly waitMs: number;
  /** Share of packets that left the carrier late. */
  readonly late: number;
}

interface CallSummary {
  /** Above the least round trip of that call, in milliseconds. */
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly loss: number;
}

/** @param plain the same runs of plain hls.js, if there are any. */
export function summariseLab(
  label: string,
  results: readonly LabResult[],
  plain: readonly LabResult[] = [],
): LabSummary {
  const over = (figure: (result: LabResult) => number): number =>
    median(results.map(figure).filter(isNumber));
  // Bytes in transit at both ends of the window cancel out once all viewers play.
  const settled = ({ steady, total }: LabResult) => steady ?? total;
  const worst = (figure: (call: CallWindow) => number): number =>
    over(({ total }) => (total.calls.length === 0 ? Number.NaN : Math.max(...total.calls.map(figure))));
  return {
    swarm: summarise(label, results.map(asGroup), plain.map(asGroup)),
    uploadedBytes: over((result) => given(settled(result))),
    usedBytes: over((result) => used(settled(result))),
    waste: over((result) => waste(settled(result))),
    queueMs: over(({ total }) => worstQueueMs(total)),
    dropped: over(({ total }) =>
      total.lines.reduce((sum, { up, down }) => sum + up.dropped + down.dropped, 0),
    ),
    call: {
      medianMs: worst(({ roundTripMs }) => roundTripMs.median - roundTripMs.least),
      p95Ms: worst(({ roundTripMs }) => roundTripMs.p95 - roundTripMs.least),
      loss: worst(({ loss }) => loss),
    },
    idle: over(({ processor }) => processor.idle),
    lab: over(({ processor }) => processor.lab),
    others: over(({ processor }) => processor.others),
    waitMs: over(({ processor }) => processor.programs.waitMs),
    late: over(lateShare),
  };
}

function asGroup({ engine, total, steady, visits }: LabResult): GroupResult {
  return { engine, total: total.traffic, steady: steady?.traffic, visits, cpuCores: Number.NaN };
}

function lateShare({ total }: LabResult): number {
  const ways = total.lines.flatMap(({ up, down }) => [up, down]);
  return ways.reduce((sum, { late }) => sum + late, 0) / ways.reduce((sum, { packets }) => sum + packets, 0);
}

function isNumber(value: number): boolean {
  return !Number.isNaN(value);
}
