import { LIMITS } from '@freshet/protocol';

/** A complete box at the top level of a file: bytes `start` to `end`, exclusive, header included. */
export interface StreamedBox {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

const HEADER = 8;

/** Finds the top-level boxes of a file that arrives in chunks, and keeps its bytes until they are released. */
export class BoxStream {
  #chunks: Buffer[] = [];
  /** Offset of the first chunk that is kept. */
  #base = 0;
  #size = 0;
  #boxStart = 0;
  /** undefined until the header of the box is complete. */
  #boxEnd: number | undefined;

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
   * @throws RangeError on a box that is larger than a segment may be, and on one without a 32-bit size
   */
  *complete(): Generator<StreamedBox> {
    for (;;) {
      const start = this.#boxStart;
      const end = (this.#boxEnd ??= this.#readEnd(start));
      if (end === undefined || this.#size < end) return;
      this.#boxStart = end;
      this.#boxEnd = undefined;
      yield { type: this.bytes(start + 4, start + HEADER).toString('latin1'), start, end };
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

  #readEnd(start: number): number | undefined {
    if (this.#size < start + HEADER) return undefined;
    const size = this.bytes(start, start + HEADER).readUInt32BE();
    if (size < HEADER || size > LIMITS.segmentBytes) throw new RangeError(`a box of ${size} bytes`);
    return start + size;
  }
}
