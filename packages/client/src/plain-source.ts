import { newCounters } from './counters.ts';
import type { SegmentSource } from './segment-source.ts';

/** No swarm: hls.js's own loader does it all, and what it brings is counted. */
export class PlainSource implements SegmentSource {
  readonly counters = newCounters();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  accepts(): undefined {
    return undefined;
  }

  request(): () => void {
    throw new Error('request of a source that accepts none');
  }

  loadedElsewhere(bytes: number): void {
    this.counters.originBytes += bytes;
    this.counters.playedBytes += bytes;
    this.#onChange();
  }
}
