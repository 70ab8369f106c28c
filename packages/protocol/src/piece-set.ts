/**
 * A set of a segment's pieces. It travels as a bitmap (the lowest bit of byte 0 is piece 0); in memory it is a few
 * integers, since a viewer keeps one for each neighbour and segment: a typed array costs more than what is in it.
 */
export class PieceSet implements Iterable<number> {
  readonly length: number;
  readonly #words: number[] = [];
  #size = 0;

  constructor(length: number) {
    this.length = length;
    for (let left = length; left > 0; left -= 32) this.#words.push(0);
  }

  static of(length: number, pieces: Iterable<number>): PieceSet {
    const set = new PieceSet(length);
    for (const piece of pieces) set.add(piece);
    return set;
  }

  static full(length: number): PieceSet {
    const set = new PieceSet(length);
    for (let piece = 0; piece < length; piece++) set.add(piece);
    return set;
  }

  /** @returns undefined when the bytes are not exactly a bitmap of `length` pieces (wrong size, or bits past the end). */
  static fromBytes(length: number, bytes: Uint8Array): PieceSet | undefined {
    if (bytes.length !== Math.ceil(length / 8)) return undefined;
    const spare = bytes.length * 8 - length;
    if (spare > 0 && ((bytes[bytes.length - 1] ?? 0) & (0xff << (8 - spare)) & 0xff) !== 0) return undefined;
    const set = new PieceSet(length);
    for (let piece = 0; piece < length; piece++)
      if (((bytes[piece >> 3] ?? 0) & (1 << (piece & 7))) !== 0) set.add(piece);
    return set;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size === this.length;
  }

  has(piece: number): boolean {
    return ((this.#words[piece >> 5] ?? 0) & (1 << (piece & 31))) !== 0;
  }

  /** A piece outside the segment is a broken invariant of the caller and throws RangeError. */
  add(piece: number): void {
    if (!(piece >= 0 && piece < this.length)) throw new RangeError(`piece ${piece} of ${this.length}`);
    if (this.has(piece)) return;
    this.#words[piece >> 5] = (this.#words[piece >> 5] ?? 0) | (1 << (piece & 31));
    this.#size++;
  }

  delete(piece: number): void {
    if (!this.has(piece)) return;
    this.#words[piece >> 5] = (this.#words[piece >> 5] ?? 0) & ~(1 << (piece & 31));
    this.#size--;
  }

  /** How many pieces are here and in neither of two other sets, each of the same segment or undefined. */
  countBeyond(one: PieceSet | undefined, other: PieceSet | undefined): number {
    const wordOf = (set: PieceSet | undefined, i: number) => (set === undefined ? 0 : (set.#words[i] ?? 0));
    let count = 0;
    for (let i = 0; i < this.#words.length; i++) {
      const known = wordOf(one, i) | wordOf(other, i);
      for (let bits = (this.#words[i] ?? 0) & ~known; bits !== 0; bits &= bits - 1) count++;
    }
    return count;
  }

  copy(): PieceSet {
    const copy = new PieceSet(this.length);
    for (let i = 0; i < this.#words.length; i++) copy.#words[i] = this.#words[i] ?? 0;
    copy.#size = this.#size;
    return copy;
  }

  /** The bitmap as it travels. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.length / 8));
    for (let i = 0; i < bytes.length; i++) bytes[i] = (this.#words[i >> 2] ?? 0) >>> (8 * (i & 3));
    return bytes;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let piece = 0; piece < this.length; piece++) if (this.has(piece)) yield piece;
  }
}
