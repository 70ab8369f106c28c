import { type Announcement, type PieceList, type SegmentId, segmentKey } from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import type { ReloadScheduler } from '../hlsjs/reload-scheduler.ts';
import { loadPieceList } from '../origin/load-piece-list.ts';
import type { OriginFetches } from '../origin/origin-fetches.ts';
import type { SegmentUrls } from '../origin/segment-urls.ts';
import type { PlayerRequests } from './player-requests.ts';
import type { PieceLists } from '../store/piece-lists.ts';
import type { Clock } from '../util/clock.ts';

export interface SegmentLearners {
  readonly lists: Pick<PieceLists, 'knows' | 'learn'>;
  readonly urls: Pick<SegmentUrls, 'locate' | 'listUrlOf'>;
  readonly reloads: Pick<ReloadScheduler, 'announced'>;
  readonly origin: Pick<OriginFetches, 'announced'>;
  readonly requests: Pick<PlayerRequests, 'divided'>;
  readonly clock: Clock;
  readonly dispatch: (event: PeerEvent) => void;
}

/** Passes on what announcements and the relay's piece lists say of a segment to everything that waits for it. */
export class LearnedSegments {
  readonly #learners: SegmentLearners;
  readonly #closing = new AbortController();

  constructor(learners: SegmentLearners) {
    this.#learners = learners;
  }

  announced({ injectors, url, bytes, durationMs, hashes, parts, ...segment }: Announcement): void {
    const { urls, reloads } = this.#learners;
    if (url !== undefined) urls.locate(segmentKey(segment), url);
    this.#learn(segment, { bytes, durationMs, hashes, parts }, injectors);
    // LL-HLS players use blocking reloads.
    if (segment.part === undefined) reloads.announced(segment);
  }

  /** Executes the core's `fetch-list`. Never rejects. */
  async fetchList(segment: SegmentId): Promise<void> {
    const { lists, urls, clock, dispatch } = this.#learners;
    const { signal } = this.#closing;
    const list = await loadPieceList(urls.listUrlOf(segment), clock, signal);
    if (signal.aborted) return;
    // An announcement may have been faster, and have named injectors.
    if (list !== undefined && !lists.knows(segmentKey(segment))) this.#learn(segment, list, []);
    dispatch({ type: 'list-ended', segment });
  }

  close(): void {
    this.#closing.abort();
  }

  #learn(segment: SegmentId, list: PieceList, injectors: Announcement['injectors']): void {
    const { lists, origin, requests } = this.#learners;
    const key = segmentKey(segment);
    lists.learn(segment, list, injectors);
    origin.announced(key);
    requests.divided(key);
  }
}
