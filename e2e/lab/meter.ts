import type { SegmentSizes } from '../bench/segment-sizes.ts';
import type { CountingProxy } from '../src/harness/servers/counting-proxy.ts';
import type { Reading } from '../src/harness/probe/reading.ts';
import type { Window } from './group-result.ts';
import type { Calls } from './net/calls.ts';
import type { Carrier } from './net/carrier.ts';
import type { CallCounters, LineCounters } from './net/counters.ts';
import { callWindow, lineWindow } from './net/window.ts';
import type { Source } from './source.ts';

interface MeterOptions {
  readonly source: Source;
  /** Counts the bytes that leave the server. */
  readonly proxy: CountingProxy;
  readonly sizes: SegmentSizes;
  readonly carrier: Carrier;
  /** Undefined without `--call`. */
  readonly calls: Calls | undefined;
}

/** All of a group's counters at one moment. */
export interface Mark {
  readonly origin: number;
  readonly published: number;
  /** From the pages of all viewers that ever joined. */
  readonly readings: readonly Reading[];
  readonly lines: readonly LineCounters[];
  readonly calls: readonly CallCounters[];
}

export class Meter {
  readonly #options: MeterOptions;

  constructor(options: MeterOptions) {
    this.#options = options;
  }

  async read(readings: readonly Reading[]): Promise<Mark> {
    const { source, proxy, carrier, calls } = this.#options;
    const { publishedBytes: published } = source;
    const { segmentBytes: origin } = proxy;
    return {
      origin,
      published,
      readings,
      lines: await carrier.counters(),
      calls: (await calls?.counters()) ?? [],
    };
  }

  /** The counts between two moments. The sizes of all segments have to be known by now. */
  window(before: Mark, after: Mark): Window {
    const { source, sizes } = this.#options;
    const buffered = ({ readings }: Mark): number => source.bufferedBytes(readings, sizes);
    const sent = ({ readings }: Mark): number => readings.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    return {
      traffic: {
        origin: after.origin - before.origin,
        published: after.published - before.published,
        buffered: buffered(after) - buffered(before),
        sent: sent(after) - sent(before),
      },
      lines: pairs(before.lines, after.lines).map(([start, end]) => lineWindow(start, end)),
      calls: pairs(before.calls, after.calls).map(([start, end]) => callWindow(start, end)),
    };
  }
}

/** One pair for each home. */
function pairs<T>(before: readonly T[], after: readonly T[]): [T, T][] {
  return after.map((end, home) => {
    const start = before[home];
    if (start === undefined) throw new Error(`no earlier reading of home ${home + 1}`);
    return [start, end];
  });
}
