import { LIMITS, type Millis } from '@freshet/protocol';
import type { SourceRange } from '../source/media-list.ts';

/** A movie fragment within a file, together with what stands between it and the one before. */
export interface PlacedFragment {
  readonly start: number;
  /** Behind its last byte. */
  readonly end: number;
  readonly moof: Buffer;
  /** When its last byte came. */
  readonly at: Millis;
}

/** How a file came, or comes. */
export interface Arrival {
  readonly state: 'growing' | 'complete' | 'broken-off';
  readonly fragments: readonly PlacedFragment[];
}

const HEADER = 8;
/** A file with more of them has none: its encoder cuts them far too small. */
const MAX_FRAGMENTS = 1500;

/** A file that is being uploaded, in which movie fragments are found as they come. Whatever else it is has none. */
export class GrowingUpload implements Arrival {
  readonly #chunks: Buffer[] = [];
  #state: Arrival['state'] = 'growing';
  #fragments: PlacedFragment[] = [];
  #size = 0;
  /** Where the next box begins. */
  #boxAt = 0;
  #moof: Buffer | undefined;
  /** It is no fragmented MP4. */
  #opaque = false;

  get state(): Arrival['state'] {
    return this.#state;
  }

  get fragments(): readonly PlacedFragment[] {
    return this.#fragments;
  }

  /** @returns whether a fragment is complete now */
  push(chunk: Buffer, at: Millis): boolean {
    const before = this.#fragments.length;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (!this.#opaque && this.#size >= this.#boxAt + HEADER) {
      const header = this.#bytes(this.#boxAt, this.#boxAt + HEADER);
      const size = header.readUInt32BE(0);
      if (size < HEADER || size > LIMITS.segmentBytes) this.#close();
      else if (this.#size < this.#boxAt + size) break;
      else this.#take(header.toString('latin1', 4), this.#boxAt + size, at);
    }
    return this.#fragments.length > before;
  }

  /** Its bytes are let go. */
  end(state: 'complete' | 'broken-off'): void {
    this.#state = state;
    this.#chunks.length = 0;
    this.#opaque = true;
  }

  /** @returns undefined while they are not there */
  read({ start, length }: SourceRange): Buffer | undefined {
    const end = start + length;
    return this.#state === 'growing' && end <= this.#size ? this.#bytes(start, end) : undefined;
  }

  #take(type: string, end: number, at: Millis): void {
    if (type === 'moof') this.#moof = this.#bytes(this.#boxAt, end);
    if (type === 'mdat' && this.#moof !== undefined) {
      const start = this.#fragments.at(-1)?.end ?? 0;
      this.#fragments.push({ start, end, moof: this.#moof, at });
      this.#moof = undefined;
    }
    this.#boxAt = end;
    if (this.#fragments.length > MAX_FRAGMENTS) this.#close();
  }

  #close(): void {
    this.#opaque = true;
    this.#fragments = [];
  }

  /** A copy: what is kept must not keep a whole stretch. */
  #bytes(start: number, end: number): Buffer {
    let at = 0;
    const found: Buffer[] = [];
    for (const chunk of this.#chunks) {
      if (at < end && at + chunk.length > start)
        found.push(chunk.subarray(Math.max(0, start - at), Math.max(0, end - at)));
      at += chunk.length;
    }
    return Buffer.concat(found);
  }
}
