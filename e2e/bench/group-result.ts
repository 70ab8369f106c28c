export type Engine = 'plain' | 'freshet';

/** What a group of viewers took and saw. Bytes are of segment bodies, counted by the proxy before the server. */
export interface GroupResult {
  readonly engine: Engine;
  readonly originBytes: number;
  readonly publishedBytes: number;
  /** Of the segments that players took into their buffers. */
  readonly bufferedBytes: number;
  /** Origin bytes / published bytes, from the first join to the end. */
  readonly originCopies: number;
  /** The same after everybody had joined and a third of the stay was over. */
  readonly steadyOriginCopies: number;
  /** 1 - origin bytes / buffered bytes. */
  readonly offload: number;
  /** Per viewer, in the order in which they joined; undefined for one that never played. */
  readonly startupMs: readonly (number | undefined)[];
  readonly firstPictureMs: readonly (number | undefined)[];
  /** Behind the end of the newest segment that the relay could have published at that moment. */
  readonly latencySeconds: readonly (number | undefined)[];
  readonly stalls: readonly number[];
  readonly stalledMs: readonly number[];
  /** Short stops with media ahead: the machine was too slow to decode for so many. */
  readonly decoderStopsMs: readonly number[];
  /** CPU of the browser's processes after the last join / wall time: 1 is a whole core. */
  readonly cpuCores: number;
  /** What the clients said of themselves, for comparison only. */
  readonly selfReported: readonly unknown[];
}
