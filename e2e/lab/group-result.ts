import type { Traffic, VisitResult } from '../bench/report/group-result.ts';
import type { LabEngineName } from './engines.ts';
import type { CallWindow, LineWindow } from './net/window.ts';
import type { ProcessorUse } from './processor.ts';

/** Counts between two moments: media as in bench:swarm, and each home's line and call in the scenario's order. */
export interface Window {
  readonly traffic: Traffic;
  readonly lines: readonly LineWindow[];
  /** Empty without `--call`. */
  readonly calls: readonly CallWindow[];
}

/** The figures of one audience. */
export interface LabResult {
  readonly engine: LabEngineName;
  readonly scenario: string;
  readonly seed: number;
  /** From before the first join to the end. */
  readonly total: Window;
  /** From 10 s after the last join to the end. Undefined if viewers come and go. */
  readonly steady: Window | undefined;
  readonly visits: readonly VisitResult[];
  /** Over the whole window. With too little idle time, the figures measure the machine, not the swarm. */
  readonly processor: ProcessorUse;
}

/** Bytes of media that viewers uploaded, counted on their lines. */
export function given({ lines }: Window): number {
  return lines.reduce((sum, { up }) => sum + up.media, 0);
}

/** Bytes of media that players buffered and that did not come from the server. */
export function used({ traffic }: Window): number {
  return traffic.buffered - traffic.origin;
}

/** The share of uploaded media that no player used. NaN if no viewer uploaded. */
export function waste(window: Window): number {
  return given(window) === 0 ? Number.NaN : 1 - used(window) / given(window);
}

/** The 95th percentile of the fullest uplink's queue, in milliseconds. */
export function worstQueueMs({ lines }: Window): number {
  return Math.max(...lines.map(({ up }) => up.queueMs.p95));
}
