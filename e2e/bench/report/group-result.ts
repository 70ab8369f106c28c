import type { PlayerError } from '../../src/harness/probe/reading.ts';
import type { EngineName } from '../engines/engine.ts';

/** Bytes counted between two moments. All but `sent` count segments only. */
export interface Traffic {
  /** Bodies that left the server, counted by the proxy before it. */
  readonly origin: number;
  /** Published by the source, each segment once. */
  readonly published: number;
  /** Taken into the players' buffers. */
  readonly buffered: number;
  /** Handed to data channels, counted in the pages: media, frame headers and control frames. */
  readonly sent: number;
}

/** The figures of one visit. */
export interface VisitResult {
  readonly name: string;
  readonly seat: number;
  readonly joinMs: number;
  readonly leaveMs: number | undefined;
  /** Undefined if the viewer never played. */
  readonly startupMs: number | undefined;
  readonly firstPictureMs: number | undefined;
  /** Read from the picture every 10 s: the time since that picture was the newest at the source. */
  readonly latencySeconds: readonly number[];
  readonly stalls: number;
  readonly stalledMs: number;
  /** Short stops with media ahead: the machine was too slow to decode for so many viewers. */
  readonly decoderStopsMs: number;
  /** The first errors that hls.js reported, each with its `fatal` flag. */
  readonly errors: readonly PlayerError[];
  /** The client's own statistics, for comparison only. */
  readonly selfReported: unknown;
}

/** The figures of one group of viewers. */
export interface GroupResult {
  readonly engine: EngineName;
  /** From the first join to the end. */
  readonly total: Traffic;
  /** From 10 s after the last join. Undefined when viewers come and go to the end. */
  readonly steady: Traffic | undefined;
  readonly visits: readonly VisitResult[];
  /**
   * CPU time of the browser's processes / wall time, from the last of the first joins to the end. 1 is a whole core.
   */
  readonly cpuCores: number;
}

/** Bytes from the server / bytes published. 1 is the least for a stream that has viewers. */
export function originCopies({ origin, published }: Traffic): number {
  return origin / published;
}

/** 1 - bytes from the server / bytes that players buffered. */
export function offload({ origin, buffered }: Traffic): number {
  return 1 - origin / buffered;
}

/** The share of the bytes sent to viewers that no player buffered: duplicates, aborted transfers, headers, control. */
export function waste({ origin, sent, buffered }: Traffic): number {
  return 1 - buffered / (origin + sent);
}
