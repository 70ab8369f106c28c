import type { RenditionId } from '@freshet/protocol';
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
  readonly onSegment?: (segment: StoredSegment) => void;
}

/** Renditions of one stream. A source's further ones are not followed. */
export const MAX_RENDITIONS = 32;

/** All renditions of one stream in memory, and its one bound in bytes. Nothing is written to disk. */
export class StreamBuffer {
  readonly bufferSeconds: number;
  readonly bufferBytes: number;
  readonly #renditions = new Map<RenditionId, RenditionBuffer>();
  readonly #onSegment: (segment: StoredSegment) => void;
  #epoch: number;
  #bytes = 0;
  #serial = 0;

  constructor(options: StreamBufferOptions) {
    this.#epoch = options.epoch >>> 0;
    this.bufferSeconds = options.bufferSeconds ?? 60;
    this.bufferBytes = options.bufferBytes ?? 512 * 1e6;
    this.#onSegment = options.onSegment ?? (() => undefined);
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
      resized: (bytes: number) => {
        this.#bytes += bytes;
        if (bytes > 0) this.#evict();
      },
      stored: this.#onSegment,
    };
    const rendition = new RenditionBuffer(id, attributes, owner, () => this.#serial++);
    this.#renditions.set(id, rendition);
    return rendition;
  }

  /** Newest segments of all windows, at most `limit`, oldest first in their order of arrival. */
  recentSegments(limit: number): StoredSegment[] {
    return [...this.#renditions.values()]
      .flatMap((rendition) => rendition.listedSegments())
      .sort((a, b) => a.serial - b.serial)
      .slice(-limit)
      .map(({ segment }) => segment);
  }

  /** Oldest arrivals first. Every rendition keeps its newest segment, so the bound gives way to a single huge one. */
  #evict(): void {
    while (this.#bytes > this.bufferBytes) {
      let oldest: RenditionBuffer | undefined;
      for (const rendition of this.#renditions.values()) {
        if (rendition.entryCount < 2) continue;
        if ((rendition.oldestSerial ?? Infinity) < (oldest?.oldestSerial ?? Infinity)) oldest = rendition;
      }
      if (oldest?.evictOldest() !== true) return;
    }
  }
}
