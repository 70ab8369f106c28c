import { LIMITS, type Millis } from '@freshet/protocol';
import type { Logger } from 'pino';
import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import type { StoredInit } from '../buffer/stored-segment.ts';
import type { MediaList, SourceMap } from './media-list.ts';
import { mediaType, type MediaType } from './media-type.ts';
import type { Step } from './rendition-plan.ts';
import { type Outcome, type QueuedSegment, SegmentQueue } from './segment-queue.ts';
import type { SourceFetcher } from './source-fetcher.ts';
import { faultOf, SourceFault } from './source-fault.ts';
import type { SourceTimes } from './source-times.ts';

export interface LoaderOptions {
  readonly rendition: RenditionBuffer;
  readonly fetcher: SourceFetcher;
  readonly times: SourceTimes;
  readonly log: Logger;
  readonly now: () => Millis;
  /** Segments that the playlist should list. */
  readonly windowLength: () => number;
  readonly onPublished: () => void;
}

interface Media {
  readonly data: Buffer;
  readonly type: MediaType;
  readonly init: StoredInit | undefined;
}

const CONCURRENCY = 3;
/** Places without a segment that are written into the list as gaps; over a longer hole the list starts over. */
const MAX_FILLED = 16;
/** At a restart numbers may be left over that no time belongs to: their gaps are that short, so that none is played. */
const FILLER_MS = 1;
/** An init segment is a few kilobytes. */
const MAX_INIT_BYTES = 1024 * 1024;
/** Init segments remembered by address; a source with more has them fetched again. */
const MAX_INITS = 8;

/** Fetches one rendition's segments as its queue says, and publishes them in order. */
export class SegmentLoader {
  readonly #options: LoaderOptions;
  readonly #queue: SegmentQueue<Media>;
  readonly #fetches = new Map<
    QueuedSegment,
    { readonly abort: AbortController; readonly end: Promise<void> }
  >();
  readonly #inits = new Map<string, Promise<StoredInit>>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #sourceEnded = false;
  #publishedAt: Millis | undefined;
  #lastFault: string | undefined;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#queue = new SegmentQueue({
      concurrency: CONCURRENCY,
      startBudgetMs: options.times.startBudgetMs,
    });
  }

  /** The source said that nothing follows, and everything it listed is published. */
  get ended(): boolean {
    return this.#sourceEnded && this.#queue.isEmpty;
  }

  get publishedAt(): Millis | undefined {
    return this.#publishedAt;
  }

  /** Why segments don't come; undefined when they do. */
  get lastFault(): string | undefined {
    return this.#lastFault;
  }

  take(step: Step, list: MediaList): void {
    const { rendition, now } = this.#options;
    if (step.restarted) {
      this.#abort(this.#queue.abandon());
      this.#inits.clear();
    }
    this.#queue.add(step.added, now());
    this.#abort(this.#queue.giveUp(step, 2 * list.targetDurationMs + 4000, now()));
    this.#sourceEnded = list.ended;
    rendition.setHeader(list.header);
    for (const { msn, lines } of step.lines) rendition.refresh(msn, lines);
    this.#advance();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#abort([...this.#fetches.keys()]);
    await Promise.all([...this.#fetches.values()].map(({ end }) => end));
  }

  /** Publishes what is ready, starts what is due, and wakes when more is. */
  #advance(): void {
    if (this.#stopped) return;
    const { rendition, now, windowLength, onPublished } = this.#options;
    const ready = this.#queue.take(now());
    for (const outcome of ready) this.#publish(outcome);
    if (rendition.nextMsn !== undefined) rendition.advertiseFrom(rendition.nextMsn - windowLength());
    rendition.setEnded(this.ended);
    for (let next = this.#queue.next(now()); next !== undefined; next = this.#queue.next(now()))
      this.#start(next);
    clearTimeout(this.#timer);
    const wakeAt = this.#queue.wakeAt(now());
    if (wakeAt !== undefined)
      this.#timer = setTimeout(() => {
        this.#advance();
      }, wakeAt - now());
    if (ready.length > 0) onPublished();
  }

  #start(segment: QueuedSegment): void {
    const abort = new AbortController();
    const end = this.#fetch(segment, abort.signal).then(() => {
      this.#fetches.delete(segment);
      this.#advance();
    });
    this.#fetches.set(segment, { abort, end });
  }

  async #fetch(segment: QueuedSegment, signal: AbortSignal): Promise<void> {
    const { fetcher, times, rendition, now } = this.#options;
    const { source } = segment;
    try {
      const init = source.map && (await this.#init(source.map, signal));
      const limits = { ...times.segment, maxBytes: LIMITS.segmentBytes };
      const { data } = await fetcher.get(source.url, limits, signal, source.range);
      if (data.length === 0) throw new SourceFault('not-media', 'a segment without a byte');
      const encrypted = source.keys.length > 0;
      const type = mediaType(data, source.url, { encrypted, audio: rendition.attributes.type === 'audio' });
      this.#queue.done(segment, { data, type, init });
      this.#lastFault = undefined;
    } catch (error) {
      if (signal.aborted) return;
      const fault = faultOf(error, this.#options.log);
      this.#lastFault = `segment ${source.msn}: ${fault.message}`;
      this.#queue.failed(segment, gravity(fault), now());
    }
  }

  /** Once for each address, until the encoder restarts. */
  #init(map: SourceMap, signal: AbortSignal): Promise<StoredInit> {
    const { fetcher, times, rendition } = this.#options;
    const name = `${map.url} ${map.range?.start ?? 0} ${map.range?.length ?? 0}`;
    const known = this.#inits.get(name);
    if (known !== undefined) return known;
    const limits = { ...times.segment, maxBytes: MAX_INIT_BYTES };
    const contentType = rendition.attributes.type === 'audio' ? 'audio/mp4' : 'video/mp4';
    const init = fetcher
      .get(map.url, limits, signal, map.range)
      .then(({ data }) => rendition.putInit(data, contentType));
    this.#inits.set(name, init);
    init.catch(() => this.#inits.delete(name));
    const [oldest] = this.#inits.keys();
    if (this.#inits.size > MAX_INITS && oldest !== undefined) this.#inits.delete(oldest);
    return init;
  }

  #publish({ segment, media }: Outcome<Media>): void {
    const { rendition, log, now } = this.#options;
    const { msn, epoch, timeline, source } = segment;
    this.#fillHole(segment);
    const { durationMs, lines, keys, map } = source;
    const entry = { msn, epoch, timeline, durationMs, lines, keys, initKeys: map?.keys ?? [] };
    if (media === undefined) {
      rendition.appendGap(entry);
      log.warn({ msn, reason: source.gap ? 'a gap of the source' : this.#lastFault }, 'a segment is missing');
      return;
    }
    const { data, type, init } = media;
    rendition.append({ ...entry, init, data, ...type });
    this.#publishedAt = now();
  }

  #fillHole({ msn, epoch, source }: QueuedSegment): void {
    const { rendition } = this.#options;
    const from = rendition.nextMsn ?? msn;
    if (msn - from > MAX_FILLED) return;
    const last = rendition.entries.at(-1);
    const durationMs = last?.epoch === epoch ? source.durationMs : FILLER_MS;
    for (let missing = from; missing < msn; missing++)
      rendition.appendGap({ msn: missing, epoch: last?.epoch ?? epoch, durationMs, keys: last?.keys ?? [] });
  }

  #abort(segments: readonly QueuedSegment[]): void {
    for (const segment of segments) this.#fetches.get(segment)?.abort.abort();
  }
}

/** What a fault means for the one segment. */
function gravity(fault: SourceFault): 'passing' | 'missing' | 'lasting' {
  if (fault.reason === 'status') return fault.status === 404 || fault.status === 410 ? 'missing' : 'passing';
  return fault.isPassing ? 'passing' : 'lasting';
}
