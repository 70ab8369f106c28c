import type { CountingProxy } from '../src/harness/servers/counting-proxy.ts';
import type { LiveOrigin } from '../src/harness/sources/live-origin.ts';
import type { Reading } from '../src/harness/probe/reading.ts';
import type { Traffic } from './report/group-result.ts';
import type { SegmentSizes } from './segment-sizes.ts';

/** The counters of a group at one moment. */
export class TrafficMark {
  readonly #origin: number;
  readonly #published: number;
  readonly #sent: number;
  readonly #bufferedUrls: readonly string[];

  constructor(counts: Omit<Traffic, 'buffered'>, bufferedUrls: readonly string[]) {
    this.#origin = counts.origin;
    this.#published = counts.published;
    this.#sent = counts.sent;
    this.#bufferedUrls = bufferedUrls;
  }

  /** @param sizes has to know all segments by now. */
  since(before: TrafficMark, sizes: SegmentSizes): Traffic {
    return {
      origin: this.#origin - before.#origin,
      published: this.#published - before.#published,
      buffered: sizes.sum(this.#bufferedUrls) - sizes.sum(before.#bufferedUrls),
      sent: this.#sent - before.#sent,
    };
  }
}

/** Reads a group's counters: the proxy's, the source's, and those in the pages of all viewers that ever joined. */
export class TrafficMeter {
  readonly #origin: LiveOrigin;
  readonly #proxy: CountingProxy;

  constructor(origin: LiveOrigin, proxy: CountingProxy) {
    this.#origin = origin;
    this.#proxy = proxy;
  }

  read(readings: readonly Reading[]): TrafficMark {
    return new TrafficMark(
      {
        origin: this.#proxy.segmentBytes,
        published: this.#origin.publishedBytes,
        sent: readings.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
      },
      readings.flatMap(({ bufferedSegments }) => bufferedSegments),
    );
  }
}
