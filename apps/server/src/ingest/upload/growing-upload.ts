import type { Millis } from '@freshet/protocol';
import { BoxStream, type StreamedBox } from '../../mp4/box-stream.ts';
import type { SourceRange } from '../../source/playlist/source-location.ts';

/** A movie fragment within a file, including the bytes between it and the previous one. */
export interface PlacedFragment {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly moof: Buffer;
  /** When its last byte arrived. */
  readonly at: Millis;
}

/** How a file arrived, or is arriving. */
export interface Arrival {
  readonly state: 'growing' | 'complete' | 'broken-off';
  readonly fragments: readonly PlacedFragment[];
}

/** A file with more fragments than this is treated as having none: its encoder makes them far too small. */
const MAX_FRAGMENTS = 1500;

/**
 * A file in the course of its upload, which finds movie fragments as they arrive. Other files than fragmented MP4 have
 * none.
 */
export class GrowingUpload implements Arrival {
  readonly #boxes = new BoxStream();
  #state: Arrival['state'] = 'growing';
  #fragments: PlacedFragment[] = [];
  #moof: Buffer | undefined;
  /** The file is not fragmented MP4. */
  #opaque = false;

  get state(): Arrival['state'] {
    return this.#state;
  }

  get fragments(): readonly PlacedFragment[] {
    return this.#fragments;
  }

  /** @returns whether the chunk completed a fragment */
  push(chunk: Buffer, at: Millis): boolean {
    const before = this.#fragments.length;
    this.#boxes.push(chunk);
    if (!this.#opaque) this.#read(at);
    return this.#fragments.length > before;
  }

  /** Ends the upload and releases its bytes. */
  end(state: 'complete' | 'broken-off'): void {
    this.#state = state;
    this.#boxes.release(this.#boxes.size);
    this.#opaque = true;
  }

  /** @returns undefined until the bytes have arrived, and after the end */
  read({ start, length }: SourceRange): Buffer | undefined {
    const end = start + length;
    return this.#state === 'growing' && end <= this.#boxes.size ? this.#boxes.bytes(start, end) : undefined;
  }

  #read(at: Millis): void {
    try {
      for (const box of this.#boxes.complete()) {
        this.#take(box, at);
        if (this.#fragments.length > MAX_FRAGMENTS) throw new RangeError('too many fragments');
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#opaque = true;
      this.#fragments = [];
    }
  }

  #take({ type, start, end }: StreamedBox, at: Millis): void {
    if (type === 'moof') this.#moof = this.#boxes.bytes(start, end);
    if (type === 'mdat' && this.#moof !== undefined) {
      this.#fragments.push({ start: this.#fragments.at(-1)?.end ?? 0, end, moof: this.#moof, at });
      this.#moof = undefined;
    }
  }
}
