import { pieceSpan } from '@freshet/protocol';

/** Cuts streamed bytes into the pieces `first` to `last` (inclusive) of a segment. */
export class PieceSplitter {
  readonly #segmentBytes: number;
  readonly #last: number;
  #piece: number;
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;

  constructor(segmentBytes: number, first: number, last: number) {
    this.#segmentBytes = segmentBytes;
    this.#piece = first;
    this.#last = last;
  }

  /** @returns the pieces that these bytes complete. Bytes past the last piece are dropped. */
  push(bytes: Uint8Array): { piece: number; bytes: Uint8Array<ArrayBuffer> }[] {
    const complete: { piece: number; bytes: Uint8Array<ArrayBuffer> }[] = [];
    let rest = bytes;
    while (rest.length > 0 && this.#piece <= this.#last) {
      const { start, end } = pieceSpan(this.#segmentBytes, this.#piece);
      this.#buffer ??= new Uint8Array(end - start);
      const part = rest.subarray(0, this.#buffer.length - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      rest = rest.subarray(part.length);
      if (this.#filled < this.#buffer.length) break;
      complete.push({ piece: this.#piece++, bytes: this.#buffer });
      this.#buffer = undefined;
      this.#filled = 0;
    }
    return complete;
  }
}
