import type { Millis } from '@freshet/protocol';
import type { Logger } from 'pino';
import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import { type FaultReason, faultOf, type SourceFault } from '../stream/source-fault.ts';
import type { Fetcher } from './fetch/fetcher.ts';
import { type Media, MediaReader } from './fetch/media-reader.ts';
import type { SourceTimes } from './fetch/source-times.ts';
import { type OpenPlace, PartIntake } from './parts/part-intake.ts';
import type { SourceParts } from './parts/read-parts.ts';
import type { Step } from './plan/rendition-plan.ts';
import { type Fallback, segmentOrigin } from './plan/segment-origin.ts';
import { type Outcome, type QueuedSegment, SegmentQueue } from './plan/segment-queue.ts';
import type { MediaList } from './playlist/media-list.ts';
import { Recording } from './recording.ts';

export interface LoaderOptions {
  readonly rendition: RenditionBuffer;
  readonly fetcher: Fetcher;
  readonly times: SourceTimes;
  readonly log: Logger;
  readonly now: () => Millis;
  /** Segments that the playlist should list. */
  readonly windowLength: () => number;
  readonly onPublished: () => void;
  readonly fallback: Fallback;
  readonly onFault: (reason: FaultReason) => void;
}

const CONCURRENCY = 3;
/** Missing places that are listed as gaps. After a longer hole the list starts over. */
const MAX_FILLED = 16;
/** A restart may leave numbers without media. Their gaps are this short, so that players do not play them. */
const FILLER_MS = 1;

/** Fetches one rendition's segments as its queue decides, and publishes them in order. */
export class SegmentLoader {
  readonly #options: LoaderOptions;
  readonly #queue: SegmentQueue<Media>;
  readonly #fetches = new Map<
    QueuedSegment,
    { readonly abort: AbortController; readonly end: Promise<void> }
  >();
  readonly #reader: MediaReader;
  readonly #parts: PartIntake;
  #recording: Recording | undefined;
  /** Pending opening of the recording. `#unopened` holds its segments until it succeeds. */
  #opening: Promise<void> | undefined;
  #unopened: readonly QueuedSegment[] = [];
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #sourceEnded = false;
  #publishedAt: Millis | undefined;
  #lastFault: string | undefined;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#reader = new MediaReader(options);
    this.#parts = new PartIntake({ ...options, reader: this.#reader });
    this.#queue = new SegmentQueue({
      concurrency: CONCURRENCY,
      startBudgetMs: options.times.startBudgetMs,
    });
  }

  /** The source's playlist has ended, and everything it listed is published. */
  get ended(): boolean {
    return this.#sourceEnded && this.#queue.isEmpty && this.#unopened.length === 0;
  }

  get publishedAt(): Millis | undefined {
    return this.#publishedAt;
  }

  /** Why segments do not arrive; undefined when they do. */
  get lastFault(): string | undefined {
    return this.#lastFault;
  }

  /** @param parts the parts in the list, and the place of the segment in progress */
  take(
    step: Step,
    list: MediaList,
    parts?: { readonly listed: SourceParts; readonly place: OpenPlace | undefined },
  ): void {
    const { rendition, now } = this.#options;
    if (step.restarted) {
      this.#abort(this.#queue.abandon());
      this.#reader.forgetInits();
      this.#parts.reset();
      this.#closeRecording();
    }
    this.#parts.take(parts?.listed, parts?.place, step.added.at(-1));
    if (step.recording) this.#unopened = step.added;
    else this.#queue.add(step.added, now());
    this.#recording?.relocate(step.listed);
    this.#openRecording();
    this.#abort(this.#queue.giveUp(step, 2 * list.targetDurationMs + 4000, now()));
    this.#sourceEnded = list.ended;
    rendition.setHeader(list.header);
    for (const { msn, source } of step.listed) rendition.refresh(msn, source.lines);
    this.#advance();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#abort([...this.#fetches.keys()]);
    await Promise.all([...this.#fetches.values()].map(({ end }) => end));
    await this.#parts.stop();
    await this.#recording?.stop();
    await this.#opening;
  }

  /** Publishes what is ready, starts the fetches that are due, and sets a timer for the next ones. */
  #advance(): void {
    if (this.#stopped) return;
    try {
      this.#step();
    } catch (error) {
      this.#failed(error);
    }
  }

  #step(): void {
    const { rendition, now, windowLength, onPublished } = this.#options;
    const ready = this.#queue.take(now());
    for (const outcome of ready) this.#tryPublish(outcome);
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
    if (ready.length > 0) {
      this.#parts.published();
      onPublished();
    }
  }

  /** Opens the recording. Every load of the playlist tries again until it works. */
  #openRecording(): void {
    const segments = this.#unopened;
    if (segments.length === 0 || this.#opening !== undefined) return;
    const { rendition, now, onPublished, fallback } = this.#options;
    const recording = new Recording({
      rendition,
      reader: this.#reader,
      segments,
      fallback,
      onFault: (error) => {
        this.#note(error);
      },
    });
    this.#recording = recording;
    this.#opening = recording.list().then(
      () => {
        this.#opening = undefined;
        if (this.#recording !== recording) return;
        this.#unopened = [];
        this.#lastFault = undefined;
        this.#publishedAt = now();
        this.#advance();
        onPublished();
      },
      (error: unknown) => {
        this.#opening = undefined;
        if (!this.#stopped) this.#note(error);
      },
    );
  }

  #closeRecording(): void {
    void this.#recording?.stop();
    if (this.#recording !== undefined) this.#options.rendition.clear();
    this.#options.rendition.setWhole(false);
    this.#recording = undefined;
    this.#unopened = [];
  }

  #note(error: unknown): void {
    const fault = faultOf(error, this.#options.log);
    this.#options.onFault(fault.reason);
    this.#lastFault = `recording: ${fault.message}`;
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
    const { source } = segment;
    try {
      const known = await this.#parts.whole(segment.msn, source.durationMs);
      const media = await this.#reader.segment(source, signal, known);
      this.#parts.compare(segment.msn, media.data);
      this.#queue.done(segment, media);
      this.#lastFault = undefined;
    } catch (error) {
      if (signal.aborted) return;
      const fault = faultOf(error, this.#options.log);
      this.#options.onFault(fault.reason);
      this.#lastFault = `segment ${source.msn}: ${fault.message}`;
      this.#queue.failed(segment, severity(fault), this.#options.now());
    }
  }

  /** A defect of ours, or of a listener, costs one segment: the next one fills its place with a gap. */
  #tryPublish(outcome: Outcome<Media>): void {
    try {
      this.#publish(outcome);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const fault = faultOf(error, this.#options.log);
    this.#options.onFault(fault.reason);
    this.#lastFault = fault.message;
  }

  #publish({ segment, media }: Outcome<Media>): void {
    const { rendition, log, now, fallback } = this.#options;
    const { msn, epoch, timeline, source } = segment;
    this.#fillHole(segment);
    const { durationMs, lines, keys, map } = source;
    const place = { msn, epoch, timeline, origin: segmentOrigin(fallback, source) };
    const entry = { ...place, durationMs, lines, keys, initKeys: map?.keys ?? [] };
    if (media === undefined) {
      rendition.appendGap(entry);
      log.warn({ msn, reason: source.gap ? 'a gap in the source' : this.#lastFault }, 'segment missing');
      return;
    }
    const { data, type, init } = media;
    this.#parts.publishing(msn);
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

/** What a fault means for its segment. */
function severity(fault: SourceFault): 'passing' | 'missing' | 'lasting' {
  if (fault.reason === 'status') return fault.status === 404 || fault.status === 410 ? 'missing' : 'passing';
  return fault.isPassing ? 'passing' : 'lasting';
}
