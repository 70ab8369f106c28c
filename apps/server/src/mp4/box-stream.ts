import { LIMITS } from '@freshet/protocol';
import { HEADER_BYTES, headerAt } from './box.ts';

/** A complete box at the top level of a file: bytes `start` to `end`, exclusive, header included. */
export interface StreamedBox {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Finds the top-level boxes of a file that arrives in chunks, and keeps its bytes until they are released. */
export class BoxStream {
  #chunks: Buffer[] = [];
  /** Offset of the first chunk that is kept. */
  #base = 0;
  #size = 0;
  #boxStart = 0;
  /** undefined until the header of the box is complete. */
  #box: StreamedBox | undefined;

  /** Bytes that have arrived. */
  get size(): number {
    return this.#size;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /**
   * The complete boxes that were not yielded before.
   * @throws RangeError on a box that is larger than a segment may be, and on one without a size
   */
  *complete(): Generator<StreamedBox> {
    for (;;) {
      const box = (this.#box ??= this.#next());
      if (box === undefined || this.#size < box.end) return;
      this.#boxStart = box.end;
      this.#box = undefined;
      yield box;
    }
  }

  /** Copies the bytes, so that a caller that keeps them does not keep a whole chunk. */
  bytes(start: number, end: number): Buffer {
    let at = this.#base;
    const found: Buffer[] = [];
    for (const chunk of this.#chunks) {
      if (at < end && at + chunk.length > start)
        found.push(chunk.subarray(Math.max(0, start - at), Math.max(0, end - at)));
      at += chunk.length;
    }
    return Buffer.concat(found);
  }

  /** Drops the chunks that end at or before `end`. */
  release(end: number): void {
    let at = this.#base;
    let count = 0;
    for (const { length } of this.#chunks) {
      if (at + length > end) break;
      at += length;
      count++;
    }
    this.#chunks.splice(0, count);
    this.#base = at;
  }

  #next(): StreamedBox | undefined {
    const start = this.#boxStart;
    const header = headerAt(this.bytes(start, start + HEADER_BYTES), 0);
    if (header === undefined) return undefined;
    const { type, size, length } = header;
    if (size < length || size > LIMITS.segmentBytes) throw new RangeError(`a box of ${size} bytes`);
    return { type, start, end: start + size };
  }
}
