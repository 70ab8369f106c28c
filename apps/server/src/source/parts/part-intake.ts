import { LIMITS, type Millis } from '@freshet/protocol';
import type { RenditionBuffer } from '../../buffer/rendition-buffer.ts';
import type { StoredInit } from '../../buffer/stored-segment.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import type { MediaReader } from '../fetch/media-reader.ts';
import { looksLikeMedia, mediaType } from '../fetch/media-type.ts';
import type { SourceTimes } from '../fetch/source-times.ts';
import type { QueuedSegment } from '../plan/segment-queue.ts';
import { HintedPart } from './hinted-part.ts';
import type { SourcePart, SourceParts } from './read-parts.ts';

/** Where the segment in progress will be in our playlist. */
export interface OpenPlace {
  readonly msn: number;
  readonly epoch: number;
  readonly timeline: number;
}

export interface PartIntakeOptions {
  readonly rendition: RenditionBuffer;
  readonly reader: MediaReader;
  readonly fetcher: Fetcher;
  readonly times: SourceTimes;
}

/** A segment that arrives in parts. */
interface Assembly {
  readonly place: OpenPlace;
  readonly source: SourceParts['open'];
  readonly parts: SourcePart[];
  /** One for each part, in order; undefined until it arrives. */
  readonly bytes: (Buffer | undefined)[];
  readonly fetches: Promise<void>[];
  init: StoredInit | undefined;
  /** Number of parts added to the live edge. */
  added: number;
  /** A part or the init segment failed: the segment is fetched whole and gets no more parts. */
  failed: boolean;
}

/** The segment that ends and the one that begins; earlier ones are finished. */
const MAX_ASSEMBLIES = 2;

/** Adds the parts that a source lists to the live edge, each as soon as it and those before it have arrived. */
export class PartIntake {
  readonly #options: PartIntakeOptions;
  readonly #abort = new AbortController();
  readonly #hinted: HintedPart;
  #assemblies: Assembly[] = [];
  #partTargetMs: Millis = 0;
  /**
   * Whether a segment's bytes equal those of its parts. Unknown until one segment was fetched both ways and compared.
   */
  #concatenates: boolean | undefined;

  constructor(options: PartIntakeOptions) {
    this.#options = options;
    this.#hinted = new HintedPart((url, signal) =>
      this.#load({ url, range: undefined }, AbortSignal.any([signal, this.#abort.signal])),
    );
  }

  /**
   * @param parts undefined: the source lists none, or no more. @param place of the segment in progress
   * @param newest the segment before it, when it is listed for the first time
   */
  take(parts: SourceParts | undefined, place: OpenPlace | undefined, newest?: QueuedSegment): void {
    const { edge } = this.#options.rendition;
    if (parts === undefined || place === undefined) {
      this.reset();
      return;
    }
    this.#partTargetMs = parts.partTargetMs;
    edge.offer(parts.partTargetMs);
    for (const assembly of this.#assemblies)
      this.#extend(assembly, parts.bySegment.get(assembly.source.msn) ?? []);
    if (newest?.msn === place.msn - 1) this.#catchUp(newest, parts);
    const open = parts.bySegment.get(parts.open.msn) ?? [];
    if (open.length > 0 && this.#find(place.msn) === undefined) this.#begin(place, parts.open, open);
    this.#hinted.ask(this.#abort.signal.aborted ? undefined : parts.hint);
  }

  /** Call it before a segment enters the buffer: those of its parts that have arrived go first. */
  publishing(msn: number): void {
    const assembly = this.#find(msn);
    if (assembly !== undefined) this.#pump(assembly, true);
  }

  /** Call it after a segment entered the buffer: the parts of the next one may follow. */
  published(): void {
    const { nextMsn = 0 } = this.#options.rendition;
    this.#assemblies = this.#assemblies.filter(({ place }) => place.msn >= nextMsn);
    for (const assembly of this.#assemblies) this.#pump(assembly);
  }

  /** The segment's bytes, joined from its parts once all listed ones have arrived. undefined: fetch the segment. */
  async whole(msn: number, durationMs: Millis): Promise<Buffer | undefined> {
    const assembly = this.#find(msn);
    if (assembly === undefined) return undefined;
    await Promise.all(assembly.fetches);
    const partsMs = assembly.parts.reduce((sum, part) => sum + part.durationMs, 0);
    if (assembly.failed || Math.abs(partsMs - durationMs) >= this.#partTargetMs / 2) return undefined;
    return this.#concatenates === true ? joined(assembly) : undefined;
  }

  /** Checks whether a segment that was fetched whole equals the sum of its parts. */
  compare(msn: number, data: Buffer): void {
    const assembly = this.#find(msn);
    if (assembly === undefined || assembly.failed || this.#concatenates !== undefined) return;
    this.#concatenates = joined(assembly).equals(data);
  }

  /** Call it when the encoder restarted, or when the source lists no more parts. */
  reset(): void {
    for (const assembly of this.#assemblies) assembly.failed = true;
    this.#assemblies = [];
    this.#concatenates = undefined;
    this.#hinted.ask(undefined);
    this.#options.rendition.edge.withdraw();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#assemblies.flatMap(({ fetches }) => fetches));
  }

  #find(msn: number): Assembly | undefined {
    return this.#assemblies.find(({ place }) => place.msn === msn);
  }

  /**
   * Begins a segment that was complete when it was first seen: at the start, or after a pause. Its parts are worth
   * fetching, because players join only where the parts of a complete segment are listed before those of the segment in
   * progress.
   */
  #catchUp({ msn, epoch, timeline, source }: QueuedSegment, parts: SourceParts): void {
    const own = parts.bySegment.get(source.msn) ?? [];
    if (own.length === 0 || source.keys.length > 0 || this.#find(msn) !== undefined) return;
    const lines = source.lines.filter((line) => !line.startsWith('#EXTINF:'));
    const { keys, map } = source;
    this.#begin({ msn, epoch, timeline }, { msn: source.msn, steps: 0, lines, keys, map }, own);
  }

  #begin(place: OpenPlace, source: SourceParts['open'], parts: readonly SourcePart[]): void {
    const assembly: Assembly = {
      place,
      source,
      parts: [],
      bytes: [],
      fetches: [],
      init: undefined,
      added: 0,
      failed: false,
    };
    this.#assemblies = [...this.#assemblies, assembly].slice(-MAX_ASSEMBLIES);
    if (source.map !== undefined) {
      const init = this.#options.reader.init(source.map, this.#abort.signal).then((stored) => {
        assembly.init = stored;
      });
      assembly.fetches.push(this.#settle(assembly, init));
    }
    this.#extend(assembly, parts);
  }

  #extend(assembly: Assembly, listed: readonly SourcePart[]): void {
    for (const part of listed.slice(assembly.parts.length)) {
      if (part.gap || assembly.parts.length >= LIMITS.partsPerSegment) assembly.failed = true;
      if (assembly.failed) return;
      const index = assembly.parts.push(part) - 1;
      assembly.bytes.push(undefined);
      assembly.fetches.push(this.#settle(assembly, this.#fetch(assembly, part, index)));
    }
  }

  async #fetch(assembly: Assembly, part: SourcePart, index: number): Promise<void> {
    const hinted = part.range === undefined ? await this.#hinted.take(part.url) : undefined;
    // An empty response does not count: the request may have come too early.
    const data = hinted?.length ? hinted : await this.#load(part, this.#abort.signal);
    if (data.length === 0) assembly.failed = true;
    assembly.bytes[index] = data;
  }

  async #load({ url, range }: Pick<SourcePart, 'url' | 'range'>, signal: AbortSignal): Promise<Buffer> {
    const { fetcher, times } = this.#options;
    const limits = { ...times.segment, maxBytes: LIMITS.segmentBytes };
    const fetched = await fetcher.get(url, limits, signal, range);
    // The type of a segment is detected by its first part; the others must not be something else.
    if (!looksLikeMedia(fetched.data)) fetcher.checkUnsniffed?.(fetched.url);
    return fetched.data;
  }

  /** Never rejects: a failed part costs only the parts of its segment. */
  #settle(assembly: Assembly, work: Promise<void>): Promise<void> {
    return work.then(
      () => {
        this.#pump(assembly);
      },
      () => {
        assembly.failed = true;
      },
    );
  }

  /** Adds the parts that have arrived, in order. @param due their segment is published next, even across a hole */
  #pump(assembly: Assembly, due = false): void {
    const { rendition } = this.#options;
    const { edge } = rendition;
    const { place, source, init, parts } = assembly;
    if (assembly.failed || (!due && rendition.nextMsn !== place.msn)) return;
    if (source.map !== undefined && init === undefined) return;
    for (let data = assembly.bytes[assembly.added]; data; data = assembly.bytes[assembly.added]) {
      const part = parts[assembly.added];
      if (part === undefined) return;
      if (assembly.added === 0) {
        const audio = rendition.attributes.type === 'audio';
        try {
          const type = mediaType(data, part.url, { encrypted: false, audio });
          const { lines, keys, map } = source;
          edge.begin({ ...place, lines, keys, init, initKeys: map?.keys ?? [] }, type);
        } catch {
          assembly.failed = true;
          return;
        }
      }
      const { durationMs, independent } = part;
      if (!edge.add({ data, durationMs, independent })) {
        assembly.failed = true;
        return;
      }
      assembly.added++;
    }
  }
}

function joined({ bytes }: Assembly): Buffer {
  return Buffer.concat(bytes.filter((data) => data !== undefined));
}
