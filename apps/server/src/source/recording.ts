import type { Busy, RenditionBuffer } from '../buffer/rendition-buffer.ts';
import type { StoredInit, StoredSegment } from '../buffer/stored-segment.ts';
import { PrefixShare } from '../guard/prefix-share.ts';
import { SourceFault } from '../stream/source-fault.ts';
import { FairQueue } from './fair-queue.ts';
import type { Media, MediaReader } from './fetch/media-reader.ts';
import { type Fallback, segmentOrigin } from './plan/segment-origin.ts';
import type { QueuedSegment } from './plan/segment-queue.ts';
import type { SourceSegment } from './playlist/media-list.ts';

/** Maximum of concurrent fetches. */
const CONCURRENCY = 4;
/** Segments that are being fetched or waiting, shared by the address prefixes that ask. Further requests are refused. */
const MAX_OPEN = 64;
/** Segments at the beginning that are tried in order to detect the media type. */
const PROBES = 3;

interface RecordingOptions {
  readonly rendition: RenditionBuffer;
  readonly reader: MediaReader;
  readonly segments: readonly QueuedSegment[];
  readonly fallback: Fallback;
  readonly onFault: (error: unknown) => void;
}

/**
 * A playlist that had ended when it was first read: all of it is listed at once, and a segment is fetched when a viewer
 * requests it. The first viewer of a segment that is not in memory waits for the source.
 */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #stopping = new AbortController();
  readonly #sources = new Map<number, SourceSegment>();
  readonly #open = new Map<number, Promise<StoredSegment | undefined>>();
  readonly #share = new PrefixShare(MAX_OPEN);
  readonly #waiting = new FairQueue<() => void>();
  #running = 0;

  constructor(options: RecordingOptions) {
    this.#options = options;
    for (const { msn, source } of options.segments) this.#sources.set(msn, source);
  }

  /** Lists all segments. This needs the init segments and one of the first segments. @throws SourceFault */
  async list(): Promise<void> {
    const { rendition, segments, fallback } = this.#options;
    const probe = await this.#probe();
    const inits = await this.#inits();
    for (const { msn, epoch, timeline, source } of segments) {
      const { durationMs, lines, keys, map } = source;
      const init = inits[msn];
      const place = { msn, epoch, timeline, origin: segmentOrigin(fallback, source) };
      const entry = { ...place, durationMs, lines, keys, init, initKeys: map?.keys ?? [] };
      if (source.gap) rendition.appendGap(entry);
      else rendition.appendOnDemand(entry, probe.media.type.extension);
    }
    rendition.putOnDemand(probe.msn, { data: probe.media.data, ...probe.media.type });
    rendition.fetchOnDemand = (msn, prefix) => this.fetch(msn, prefix);
    rendition.setWhole(true);
  }

  /** Updates the addresses of the segments, because tokens in them expire. */
  relocate(listed: readonly { readonly msn: number; readonly source: SourceSegment }[]): void {
    for (const { msn, source } of listed) if (this.#sources.has(msn)) this.#sources.set(msn, source);
  }

  /** All who ask for a segment while it is being fetched share the fetch. Only the first of them needs a place. */
  fetch(msn: number, prefix: string): Promise<StoredSegment | undefined> | Busy {
    const open = this.#open.get(msn);
    if (open !== undefined) return open;
    const release = this.#share.take(prefix);
    if (release === undefined) return this.#share.shortage(prefix) ?? 'whole';
    const fetching = this.#fetch(msn, prefix).finally(() => {
      this.#open.delete(msn);
      release();
    });
    this.#open.set(msn, fetching);
    return fetching;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#options.rendition.fetchOnDemand = undefined;
    await Promise.all(this.#open.values());
  }

  async #fetch(msn: number, prefix: string): Promise<StoredSegment | undefined> {
    const { rendition, reader, onFault } = this.#options;
    await this.#turn(prefix);
    try {
      const source = this.#sources.get(msn);
      if (source === undefined || this.#stopping.signal.aborted) return undefined;
      const { data, type } = await reader.segment(source, this.#stopping.signal);
      return rendition.putOnDemand(msn, { data, ...type });
    } catch (error) {
      if (!this.#stopping.signal.aborted) onFault(error);
      return undefined;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(prefix: string): Promise<void> {
    if (this.#running >= CONCURRENCY)
      await new Promise<void>((resolve) => {
        this.#waiting.push(prefix, resolve);
      });
    this.#running++;
  }

  async #probe(): Promise<{ readonly msn: number; readonly media: Media }> {
    const { reader, segments } = this.#options;
    const candidates = segments.filter(({ source }) => !source.gap).slice(0, PROBES);
    for (const [index, { msn, source }] of candidates.entries()) {
      const reading = reader.segment(source, this.#stopping.signal);
      const isLast = index === candidates.length - 1;
      const media = await (isLast ? reading : reading.catch(() => undefined));
      if (media !== undefined) return { msn, media };
    }
    throw new SourceFault('bad-playlist', 'an ended playlist without segments');
  }

  /** Init segments by media sequence number. Fetched one after another: a recording rarely has more than one. */
  async #inits(): Promise<Readonly<Record<number, StoredInit>>> {
    const inits: Record<number, StoredInit> = {};
    for (const { msn, source } of this.#options.segments)
      if (source.map !== undefined)
        inits[msn] = await this.#options.reader.init(source.map, this.#stopping.signal);
    return inits;
  }
}
