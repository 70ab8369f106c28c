import type { SegmentSource } from '../hlsjs/segment-source.ts';
import { withQuery } from '../origin/with-query.ts';
import { newCounters } from './counters.ts';

/** No swarm: hls.js's own loader does it all, and what it brings is counted. */
export class PlainSource implements SegmentSource {
  readonly counters = newCounters();
  readonly #onChange: () => void;
  readonly #serverOrigin: string | undefined;
  readonly #cdnQuery: () => string;

  /** @param url of the stream: what comes from the same server is no CDN's. @param cdnQuery see `FreshetOptions` */
  constructor(onChange: () => void, url = '', cdnQuery: () => string = () => '') {
    this.#onChange = onChange;
    this.#serverOrigin = URL.canParse(url) ? new URL(url).origin : undefined;
    this.#cdnQuery = cdnQuery;
  }

  accepts(): undefined {
    return undefined;
  }

  request(): () => void {
    throw new Error('request of a source that accepts none');
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
