import type { RenditionId, SegmentKey } from '@freshet/protocol';
import { RenditionBuffer } from './rendition-buffer.ts';
import type { RenditionAttributes } from './rendition-id.ts';
import type { StoredSegment } from './stored-segment.ts';

export interface StreamBufferOptions {
  /** The stream's first epoch, an unsigned 32-bit number: the server's start in seconds since 1970. */
  readonly epoch: number;
  /** Media kept for each rendition. The oldest segments go first. Default 60. */
  readonly bufferSeconds?: number | undefined;
  /** Bytes kept for all renditions together; over it the oldest segments go, whichever rendition's. Default 512 MB. */
  readonly bufferBytes?: number | undefined;
  /** Media advertised, so that viewers can rewind. Default 0: the window that the feed asks for. */
  readonly dvrSeconds?: number | undefined;
  readonly onSegment?: (segment: StoredSegment) => void;
  /** A low-latency part of the segment under way entered the buffer. */
  readonly onPart?: (part: StoredSegment) => void;
  /** The bytes of an entry on demand came. */
  readonly onLoaded?: (segment: StoredSegment) => void;
}

/** Media kept that is not advertised any more: a player may still have a playlist that lists it. */
const DVR_MARGIN_SECONDS = 30;

/** Renditions of one stream. A source's further ones are not followed. */
export const MAX_RENDITIONS = 32;

/** All renditions of one stream in memory, and its one bound in bytes. Nothing is written to disk. */
export class StreamBuffer {
  readonly bufferSeconds: number;
  readonly bufferBytes: number;
  readonly dvrSeconds: number;
  readonly #renditions = new Map<RenditionId, RenditionBuffer>();
  readonly #onSegment: (segment: StoredSegment) => void;
  readonly #onPart: (part: StoredSegment) => void;
  readonly #onLoaded: (segment: StoredSegment) => void;
  /** Entries on demand whose bytes are here, least recently used first. */
  readonly #loaded = new Map<SegmentKey, { readonly rendition: RenditionBuffer; readonly msn: number }>();
  #cutByBytes = false;
  #epoch: number;
  #bytes = 0;
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

  /** Bytes of segments and init segments held. */
  get bytes(): number {
    return this.#bytes;
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

  /** Of the two bounds, the one in bytes is what makes the oldest media leave. */
  get cutByBytes(): boolean {
    return this.#cutByBytes;
  }

  get renditions(): Iterable<RenditionBuffer> {
    return this.#renditions.values();
  }

  rendition(id: RenditionId): RenditionBuffer | undefined {
    return this.#renditions.get(id);
  }

  /** The encoder restarted: what comes now is another epoch. @returns it */
  openEpoch(): number {
    this.#epoch = (this.#epoch + 1) >>> 0;
    return this.#epoch;
  }

  /**
   * Makes room for a rendition, or finds the one that has this id.
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

  /**
   * What a newcomer will want of all windows, at most `limit`: the newest, oldest first in their order of arrival, and
   * the parts of segments under way last; of recordings, which are watched from their beginning, the first.
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
   * What can be fetched again goes first, the least recently used of it. Then oldest arrivals first. Every rendition
   * keeps its newest segment, so the bound gives way to a single huge one.
   */
  #evict(): void {
    while (this.#bytes > this.bufferBytes) {
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

  /** @returns false when only the one that came last is left */
  #dropLoaded(): boolean {
    const oldest = this.#loaded.entries().next();
    if (oldest.done === true || this.#loaded.size < 2) return false;
    const [key, { rendition, msn }] = oldest.value;
    this.#loaded.delete(key);
    rendition.dropOnDemand(msn);
    return true;
  }
}
