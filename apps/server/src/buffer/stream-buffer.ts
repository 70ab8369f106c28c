import type { RenditionId, SegmentKey } from '@freshet/protocol';
import { RenditionBuffer } from './rendition-buffer.ts';
import type { RenditionAttributes } from './rendition-id.ts';
import type { StoredSegment } from './stored-segment.ts';

export interface StreamBufferOptions {
  /** The stream's first epoch, an unsigned 32-bit number: the server's start in seconds since 1970. */
  readonly epoch: number;
  /** Seconds of media kept for each rendition. The oldest segments leave first. Default 60. */
  readonly bufferSeconds?: number | undefined;
  /** Bytes kept for all renditions together. Above it the oldest segments of any rendition leave. Default 512 MB. */
  readonly bufferBytes?: number | undefined;
  /** Seconds of media advertised, so that viewers can rewind. Default 0: the window that the feed sets. */
  readonly dvrSeconds?: number | undefined;
  readonly onSegment?: (segment: StoredSegment) => void;
  /** Called when a low-latency part of the segment in progress enters the buffer. */
  readonly onPart?: (part: StoredSegment) => void;
  /** Called when the bytes of an entry on demand arrive. */
  readonly onLoaded?: (segment: StoredSegment) => void;
}

/** Media kept after it has left the window: a player may still have a playlist that lists it. */
const DVR_MARGIN_SECONDS = 30;

/** Playlists of the usual size are not counted against the limit in bytes. */
const FREE_LIST_BYTES = 256 * 1024;

/** Maximum of renditions of one stream. A source's further renditions are not followed. */
export const MAX_RENDITIONS = 32;

/** All renditions of one stream in memory, and their common limit in bytes. Nothing is written to disk. */
export class StreamBuffer {
  readonly bufferSeconds: number;
  readonly bufferBytes: number;
  readonly dvrSeconds: number;
  readonly #renditions = new Map<RenditionId, RenditionBuffer>();
  readonly #onSegment: (segment: StoredSegment) => void;
  readonly #onPart: (part: StoredSegment) => void;
  readonly #onLoaded: (segment: StoredSegment) => void;
  /** Entries on demand whose bytes are in memory, least recently used first. */
  readonly #loaded = new Map<SegmentKey, { readonly rendition: RenditionBuffer; readonly msn: number }>();
  #cutByBytes = false;
  #epoch: number;
  #bytes = 0;
  #listBytes = 0;
  #multivariantBytes = 0;
  #serial = 0;

  constructor(options: StreamBufferOptions) {
    this.#epoch = options.epoch >>> 0;
    this.dvrSeconds = options.dvrSeconds ?? 0;
    const wanted = options.bufferSeconds ?? 60;
    this.bufferSeconds =
      this.dvrSeconds > 0 ? Math.max(wanted, this.dvrSeconds + DVR_MARGIN_SECONDS) : wanted;
    this.bufferBytes = options.bufferBytes ?? 512 * 1e6;
    this.#onSegment = options.onSegment ?? (() => undefined);
    this.#onPart = options.onPart ?? (() => undefined);
    this.#onLoaded = options.onLoaded ?? (() => undefined);
  }

  /** The newest epoch. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Bytes of segments, init segments and lists held, without `FREE_LIST_BYTES`. */
  get bytes(): number {
    return this.#bytes + Math.max(0, this.#listBytes - FREE_LIST_BYTES);
  }

  /** Media held, in seconds, of the rendition that holds most. */
  get heldSeconds(): number {
    return Math.max(0, ...[...this.#renditions.values()].map((rendition) => rendition.heldMs)) / 1000;
  }

  /** Media advertised, in seconds, of the rendition that advertises most. */
  get windowSeconds(): number {
    const windows = [...this.#renditions.values()].map(({ listed }) =>
      listed.reduce((sum, { durationMs }) => sum + durationMs, 0),
    );
    return Math.max(0, ...windows) / 1000;
  }

  /** Whether the limit in bytes, and not the one in seconds, makes the oldest media leave. */
  get cutByBytes(): boolean {
    return this.#cutByBytes;
  }

  get renditions(): Iterable<RenditionBuffer> {
    return this.#renditions.values();
  }

  rendition(id: RenditionId): RenditionBuffer | undefined {
    return this.#renditions.get(id);
  }

  /** Starts a new epoch after an encoder restart. @returns the epoch */
  openEpoch(): number {
    this.#epoch = (this.#epoch + 1) >>> 0;
    return this.#epoch;
  }

  /**
   * Adds a rendition, or returns the existing one with this id.
   * @param id from `renditionIds(...)`. @throws RangeError over MAX_RENDITIONS
   */
  declareRendition(id: RenditionId, attributes: RenditionAttributes): RenditionBuffer {
    const held = this.#renditions.get(id);
    if (held !== undefined) return held;
    if (this.#renditions.size >= MAX_RENDITIONS)
      throw new RangeError(`more than ${MAX_RENDITIONS} renditions`);
    const owner = {
      epoch: () => this.#epoch,
      bufferSeconds: this.bufferSeconds,
      dvrSeconds: this.dvrSeconds,
      resized: (bytes: number) => {
        this.#bytes += bytes;
        if (bytes > 0) this.#evict();
      },
      listResized: (bytes: number) => {
        this.#resizeList(bytes);
      },
      stored: this.#onSegment,
      parted: this.#onPart,
      used: (holder: RenditionBuffer, segment: StoredSegment, isNew: boolean) => {
        this.#loaded.delete(segment.key);
        this.#loaded.set(segment.key, { rendition: holder, msn: segment.id.msn });
        if (isNew) this.#onLoaded(segment);
      },
      expired: () => {
        this.#cutByBytes = false;
      },
    };
    const rendition = new RenditionBuffer(id, attributes, owner, () => this.#serial++);
    this.#renditions.set(id, rendition);
    return rendition;
  }

  /** Counts the lines of the multivariant playlist. */
  setMultivariantBytes(bytes: number): void {
    this.#resizeList(bytes - this.#multivariantBytes);
    this.#multivariantBytes = bytes;
  }

  #resizeList(bytes: number): void {
    this.#listBytes += bytes;
    if (bytes > 0) this.#evict();
  }

  /**
   * The segments that a new viewer will need, at most `limit`, from all windows. Of live renditions: the newest, in
   * their order of arrival, followed by the parts of segments in progress. Of recordings, which are watched from their
   * beginning: the first.
   */
  recentSegments(limit: number): StoredSegment[] {
    const held = (whole: boolean) =>
      [...this.#renditions.values()]
        .filter((rendition) => rendition.whole === whole)
        .flatMap((rendition) => rendition.listedSegments());
    const parts = [...this.#renditions.values()].flatMap(({ edge }) =>
      edge.open ? edge.partsOf(edge.open.msn) : [],
    );
    const newest = [
      ...held(false)
        .sort((a, b) => a.serial - b.serial)
        .map(({ segment }) => segment),
      ...parts,
    ].slice(-limit);
    const first = held(true)
      .sort((a, b) => a.segment.id.msn - b.segment.id.msn)
      .slice(0, limit - newest.length);
    return [...first.map(({ segment }) => segment), ...newest];
  }

  /**
   * Drops bytes that can be fetched again first, the least recently used before others, and then the oldest arrivals.
   * Every rendition keeps its newest segment, so a single huge one may exceed the limit.
   */
  #evict(): void {
    while (this.bytes > this.bufferBytes) {
      if (this.#dropLoaded()) continue;
      let oldest: RenditionBuffer | undefined;
      for (const rendition of this.#renditions.values()) {
        if (rendition.entryCount < 2) continue;
        if ((rendition.oldestSerial ?? Infinity) < (oldest?.oldestSerial ?? Infinity)) oldest = rendition;
      }
      if (oldest?.evictOldest() !== true) return;
      this.#cutByBytes = true;
    }
  }

  /** @returns false if only the latest one is left */
  #dropLoaded(): boolean {
    const oldest = this.#loaded.entries().next();
    if (oldest.done === true || this.#loaded.size < 2) return false;
    const [key, { rendition, msn }] = oldest.value;
    this.#loaded.delete(key);
    rendition.dropOnDemand(msn);
    return true;
  }
}
