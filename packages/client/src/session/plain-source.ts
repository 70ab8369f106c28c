import type { SegmentSource } from '../hlsjs/segment-source.ts';
import { withQuery } from '../origin/with-query.ts';
import { newCounters } from './counters.ts';

/** The source without a swarm: hls.js's own loader fetches everything, and its bytes are counted. */
export class PlainSource implements SegmentSource {
  readonly counters = newCounters();
  readonly #onChange: () => void;
  readonly #serverOrigin: string | undefined;
  readonly #cdnQuery: () => string;

  /**
   * @param url of the stream: addresses on the same server are not the CDN's.
   * @param cdnQuery see `FreshetOptions`
   */
  constructor(onChange: () => void, url = '', cdnQuery: () => string = () => '') {
    this.#onChange = onChange;
    this.#serverOrigin = URL.canParse(url) ? new URL(url).origin : undefined;
    this.#cdnQuery = cdnQuery;
  }

  accepts(): undefined {
    return undefined;
  }

  request(): () => void {
    throw new Error('request');
  }

  addressed(url: string): string {
    const isOurs = !URL.canParse(url) || new URL(url).origin === this.#serverOrigin;
    return isOurs ? url : withQuery(url, this.#cdnQuery());
  }

  loadedElsewhere(bytes: number): void {
    this.counters.originBytes += bytes;
    this.counters.playedBytes += bytes;
    this.#onChange();
  }
}
