const NONE = new Uint8Array(0);

/** A set of a segment's pieces as a bitmap, the form in which it also travels (lowest bit of byte 0 is piece 0). */
export class PieceSet implements Iterable<number> {
  readonly length: number;
  readonly #bits: Uint8Array;
  #size = 0;

  constructor(length: number) {
    this.length = length;
    this.#bits = new Uint8Array(Math.ceil(length / 8));
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
    const set = new PieceSet(length);
    if (bytes.length !== set.#bits.length) return undefined;
    set.#bits.set(bytes);
    const spare = set.#bits.length * 8 - length;
    if (spare > 0 && ((bytes[bytes.length - 1] ?? 0) & (0xff << (8 - spare)) & 0xff) !== 0) return undefined;
    for (let piece = 0; piece < length; piece++) if (set.has(piece)) set.#size++;
    return set;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size === this.length;
  }

  has(piece: number): boolean {
    return ((this.#bits[piece >> 3] ?? 0) & (1 << (piece & 7))) !== 0;
  }

  /** A piece outside the segment is a broken invariant of the caller and throws RangeError. */
  add(piece: number): void {
    if (!(piece >= 0 && piece < this.length)) throw new RangeError(`piece ${piece} of ${this.length}`);
    if (this.has(piece)) return;
    this.#bits[piece >> 3] = (this.#bits[piece >> 3] ?? 0) | (1 << (piece & 7));
    this.#size++;
  }

  delete(piece: number): void {
    if (!this.has(piece)) return;
    this.#bits[piece >> 3] = (this.#bits[piece >> 3] ?? 0) & ~(1 << (piece & 7));
    this.#size--;
  }

  /** How many pieces are here and in neither of two other sets, each of the same segment or undefined. */
  countBeyond(one: PieceSet | undefined, other: PieceSet | undefined): number {
    const [these, those] = [one === undefined ? NONE : one.#bits, other === undefined ? NONE : other.#bits];
    let count = 0;
    for (const [i, byte] of this.#bits.entries())
      for (let bits = byte & ~((these[i] ?? 0) | (those[i] ?? 0)); bits !== 0; bits &= bits - 1) count++;
    return count;
  }

  copy(): PieceSet {
    const set = new PieceSet(this.length);
    set.#bits.set(this.#bits);
    set.#size = this.#size;
    return set;
  }

  /** The bitmap itself, not a copy. */
  toBytes(): Uint8Array {
    return this.#bits;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let piece = 0; piece < this.length; piece++) if (this.has(piece)) yield piece;
  }
}
