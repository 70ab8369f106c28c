import type { SoakResult, SoakSample } from './run-soak.ts';
import { growthPerHour, type Sample, troughs } from './slope.ts';

/** The first part of a run fills the buffers and is not measured: this long, at most a third of the run. */
const WARM_UP_MINUTES = 5;
/** Samples of which the least counts. */
const GROUP = 4;

export interface SoakSummary {
  /** Growth in megabytes per hour, after the warm-up. Noise of some megabytes per minute measured makes short runs vague. */
  readonly serverHeapMbPerHour: number;
  readonly serverResidentMbPerHour: number;
  readonly pageHeapMbPerHour: number;
  /** What the server has open at the end, above what it had before the first viewer. */
  readonly filesLeft: number;
  readonly timersLeft: number;
  readonly viewersLeft: number;
  /** Growth of the counts of the page that stayed, from the first third of the run to the last, by their maxima. */
  readonly pageConnectionsGrown: number;
  readonly pageSocketsGrown: number;
  readonly pageTimersGrown: number;
  readonly visits: number;
  readonly stalls: number;
  readonly playedHours: number;
  /** Share of the bytes that players got from other viewers, as they report it. */
  readonly peerShare: number;
}

export function summariseSoak({ before, samples, after, visits }: SoakResult): SoakSummary {
  const end = samples.at(-1)?.minutes ?? 0;
  const measured = samples.filter(({ minutes }) => minutes > Math.min(WARM_UP_MINUTES, end / 3));
  const growth = (of: (sample: SoakSample) => number | undefined): number => {
    const found = measured.flatMap((sample): Sample[] => {
      const value = of(sample);
      return value === undefined ? [] : [{ minutes: sample.minutes, value: value / 1e6 }];
    });
    return growthPerHour(troughs(found, GROUP));
  };
  const grown = (of: (page: NonNullable<SoakSample['page']>) => number): number => {
    const most = (part: readonly SoakSample[]): number =>
      Math.max(0, ...part.flatMap(({ page }) => (page === undefined ? [] : [of(page)])));
    const third = Math.ceil(samples.length / 3);
    return most(samples.slice(-third)) - most(samples.slice(0, third));
  };
  const sum = (of: (visit: SoakResult['visits'][number]) => number): number =>
    visits.reduce((total, visit) => total + of(visit), 0);
  const peerBytes = sum((visit) => visit.peerBytes);
  return {
    serverHeapMbPerHour: growth(({ serverHeapBytes }) => serverHeapBytes),
    serverResidentMbPerHour: growth(({ serverResidentBytes }) => serverResidentBytes),
    pageHeapMbPerHour: growth(({ page }) => page?.heapBytes),
    filesLeft: after.serverFiles - before.serverFiles,
    timersLeft: after.serverTimers - before.serverTimers,
    viewersLeft: after.viewers,
    pageConnectionsGrown: grown(({ peerConnections }) => peerConnections),
    pageSocketsGrown: grown(({ webSockets }) => webSockets),
    pageTimersGrown: grown(({ timers }) => timers),
    visits: visits.length,
    stalls: sum((visit) => visit.stalls),
    playedHours: sum((visit) => visit.playedSeconds) / 3600,
    peerShare: peerBytes / (peerBytes + sum((visit) => visit.originBytes)),
  };
}
