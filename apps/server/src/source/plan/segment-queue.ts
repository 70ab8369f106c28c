import type { Millis } from '@freshet/protocol';
import type { SourceSegment } from '../playlist/media-list.ts';

/** A segment on its way into the buffer, with its future place in our playlist. */
export interface QueuedSegment {
  readonly msn: number;
  readonly epoch: number;
  readonly timeline: number;
  readonly source: SourceSegment;
}

/** The outcome for one segment: its media, or undefined if the segment is lost. */
export type Outcome<Media> = { readonly segment: QueuedSegment; readonly media: Media | undefined };

type Item<Media> = {
  readonly segment: QueuedSegment;
  readonly queuedAt: Millis;
  state: 'waiting' | 'fetching' | 'done' | 'lost';
  attempts: number;
  retryAt: Millis;
  media: Media | undefined;
};

export interface QueueOptions {
  /** Maximum number of concurrent fetches. */
  readonly concurrency: number;
  /** Time to fetch the first window. When it is over, segments older than the newest unbroken run are dropped. */
  readonly startBudgetMs: Millis;
}

const FIRST_RETRY_MS = 300;
const MAX_RETRY_MS = 2000;
/** Attempts for a segment that the source reports missing: storage behind a media server may lag. */
const MISSING_TRIES = 4;

/**
 * Decides which segment to fetch next, and which segments to publish. Segments are published in order, each once its
 * bytes are complete. The first window is fetched newest first. Its publication waits until it is complete or the start
 * budget is spent, so that over a slow line the stream starts at its live edge and not a minute behind it.
 */
export class SegmentQueue<Media> {
  readonly #options: QueueOptions;
  #items: Item<Media>[] = [];
  #startUntil: Millis | undefined;
  #started = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** When the next timed step after `now` is due: a retry, or the end of the start budget. */
  wakeAt(now: Millis): Millis | undefined {
    const times = this.#items.filter((item) => item.state === 'waiting').map((item) => item.retryAt);
    if (!this.#started && this.#startUntil !== undefined) times.push(this.#startUntil);
    const later = times.filter((time) => time > now);
    return later.length === 0 ? undefined : Math.min(...later);
  }

  /** Adds segments, oldest first, all newer than those added before. Gaps (EXT-X-GAP) count as lost at once. */
  add(segments: readonly QueuedSegment[], now: Millis): void {
    if (segments.length > 0) this.#startUntil ??= now + this.#options.startBudgetMs;
    for (const segment of segments) {
      const state = segment.source.gap ? 'lost' : 'waiting';
      this.#items.push({ segment, queuedAt: now, state, attempts: 0, retryAt: now, media: undefined });
    }
  }

  /** The segment to fetch now. It counts as being fetched until `done` or `failed` is called for it. */
  next(now: Millis): QueuedSegment | undefined {
    const fetching = this.#items.filter((item) => item.state === 'fetching').length;
    if (fetching >= this.#options.concurrency) return undefined;
    const due = (item: Item<Media>) => item.state === 'waiting' && item.retryAt <= now;
    const item = this.#started ? this.#items.find(due) : this.#items.findLast(due);
    if (item === undefined) return undefined;
    item.state = 'fetching';
    item.attempts++;
    return item.segment;
  }

  done(segment: QueuedSegment, media: Media): void {
    const item = this.#find(segment);
    if (item === undefined) return;
    item.state = 'done';
    item.media = media;
  }

  /** @param fault `passing`: try again; `missing`: try a few times; `lasting`: give up */
  failed(segment: QueuedSegment, fault: 'passing' | 'missing' | 'lasting', now: Millis): void {
    const item = this.#find(segment);
    if (item === undefined) return;
    const lost = fault === 'lasting' || (fault === 'missing' && item.attempts >= MISSING_TRIES);
    item.state = lost ? 'lost' : 'waiting';
    item.retryAt = now + Math.min(FIRST_RETRY_MS * 2 ** (item.attempts - 1), MAX_RETRY_MS);
  }

  /**
   * Call it after a successful load of the playlist. Gives up segments that failed and are no longer listed, and
   * segments that keep others waiting for longer than `patienceMs`.
   * @param listed the first listed segment, by this server's numbering. @returns fetches to abort
   */
  giveUp(listed: { readonly from: number }, patienceMs: Millis, now: Millis): QueuedSegment[] {
    const aborted: QueuedSegment[] = [];
    this.#items.forEach((item, index) => {
      if (item.state === 'done' || item.state === 'lost') return;
      const gone = item.segment.msn < listed.from && item.state === 'waiting' && item.attempts > 0;
      const blocks =
        now - item.queuedAt > patienceMs &&
        item.attempts > 0 &&
        this.#items.slice(index + 1).some((later) => later.state === 'done');
      if (!gone && !blocks) return;
      if (item.state === 'fetching') aborted.push(item.segment);
      item.state = 'lost';
    });
    return aborted;
  }

  /**
   * Call it after an encoder restart: drops everything from the first incomplete segment on. @returns fetches to abort
   */
  abandon(): QueuedSegment[] {
    const fetching = this.#items.filter((item) => item.state === 'fetching').map((item) => item.segment);
    const end = this.#items.findIndex((item) => item.state !== 'done');
    if (end !== -1) this.#items = this.#items.slice(0, end);
    this.#started = true;
    return fetching;
  }

  /** Removes and returns the segments that may be published now, in order. Lost segments are among them. */
  take(now: Millis): Outcome<Media>[] {
    if (!this.#started && !this.#start(now)) return [];
    const end = this.#items.findIndex((item) => item.state === 'waiting' || item.state === 'fetching');
    const ready = this.#items.splice(0, end === -1 ? this.#items.length : end);
    return ready.map(({ segment, media }) => ({ segment, media }));
  }

  /**
   * Starts publishing if a segment has arrived, and the first window is complete or the start budget is spent. From an
   * incomplete window, drops everything older than the newest unbroken run. @returns whether publishing has started
   */
  #start(now: Millis): boolean {
    const settled = this.#items.every((item) => item.state === 'done' || item.state === 'lost');
    const some = this.#items.some((item) => item.state === 'done');
    if (!some || (!settled && now < (this.#startUntil ?? now))) return false;
    if (!settled) {
      const newest = this.#items.findLastIndex((item) => item.state === 'done');
      const before = this.#items.slice(0, newest).findLastIndex((item) => item.state !== 'done');
      this.#items = this.#items.slice(before + 1);
    }
    this.#started = true;
    return true;
  }

  #find(segment: QueuedSegment): Item<Media> | undefined {
    return this.#items.find((item) => item.segment === segment && item.state === 'fetching');
  }
}
