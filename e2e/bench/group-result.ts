import type { PlayerError } from '../src/harness/probe/reading.ts';
import type { EngineName } from './engines/engine.ts';

/** Bytes that went by between two moments. Of segments, but for `sent`. */
export interface Traffic {
  /** Bodies that left the server, counted by the proxy before it. */
  readonly origin: number;
  /** What the source published, once. */
  readonly published: number;
  /** What players took into their buffers. */
  readonly buffered: number;
  /** What data channels were given to send, counted in the pages: media, frame headers and control frames. */
  readonly sent: number;
}

/** What one visit saw. */
export interface VisitResult {
  readonly name: string;
  readonly seat: number;
  readonly joinMs: number;
  readonly leaveMs: number | undefined;
  /** Undefined for one that never played. */
  readonly startupMs: number | undefined;
  readonly firstPictureMs: number | undefined;
  /** Read off the picture, every 10 s: the time since the source had that picture as its newest. */
  readonly latencySeconds: readonly number[];
  readonly stalls: number;
  readonly stalledMs: number;
  /** Short stops with media ahead: the machine was too slow to decode for so many. */
  readonly decoderStopsMs: number;
  /** That hls.js told of, the first ones, each with whether hls.js called it fatal. */
  readonly errors: readonly PlayerError[];
  /** What the client said of itself, for comparison only. */
  readonly selfReported: unknown;
}

/** What one group of viewers took and saw. */
export interface GroupResult {
  readonly engine: EngineName;
  /** From the first join to the end. */
  readonly total: Traffic;
  /** From 10 s after the last join. Undefined when viewers come and go to the end. */
  readonly steady: Traffic | undefined;
  readonly visits: readonly VisitResult[];
  /** CPU of the browser's processes from the last of the first joins to the end / wall time: 1 is a whole core. */
  readonly cpuCores: number;
}

/** Bytes from the server / bytes published. 1 is the floor of a stream that somebody watches. */
export function originCopies({ origin, published }: Traffic): number {
  return origin / published;
}

/** 1 - bytes from the server / bytes that players buffered. */
export function offload({ origin, buffered }: Traffic): number {
  return 1 - origin / buffered;
}

/** The share of all bytes that came to viewers and into no buffer: duplicates, what was broken off, headers, control. */
export function waste({ origin, sent, buffered }: Traffic): number {
  return 1 - buffered / (origin + sent);
}
