/**
 * A set of a segment's pieces. It travels as a bitmap (the lowest bit of byte 0 is piece 0). A viewer keeps one for
 * each neighbour and segment, so in memory it is a few integers: a typed array costs more than its content. The first
 * 32 pieces are in the object itself, further pieces in nested sets; few segments have more than 32.
 */
export class PieceSet implements Iterable<number> {
  readonly length: number;
  #bits = 0;
  #rest: PieceSet | undefined;
  #size = 0;

  constructor(length: number) {
    this.length = length;
    this.#rest = length > 32 ? new PieceSet(length - 32) : undefined;
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

  /**
   * @returns undefined when the bytes are not exactly a bitmap of `length` pieces (wrong size, or bits past the end).
   */
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
    return piece < 32 ? (this.#bits & (1 << piece)) !== 0 : this.#rest?.has(piece - 32) === true;
  }

  /** A piece outside the segment is a broken invariant of the caller and throws RangeError. */
  add(piece: number): void {
    if (!(piece >= 0 && piece < this.length)) throw new RangeError(`piece ${piece} of ${this.length}`);
    if (this.has(piece)) return;
    this.#flip(piece);
    this.#size++;
  }

  delete(piece: number): void {
    if (!this.has(piece)) return;
    this.#flip(piece);
    this.#size--;
  }

  /** The number of pieces in this set that are in neither of two others. Each is of the same segment, or undefined. */
  countBeyond(one: PieceSet | undefined, other: PieceSet | undefined): number {
    let count = 0;
    for (let i = 0; i * 32 < this.length; i++) {
      const known = (one === undefined ? 0 : one.#word(i)) | (other === undefined ? 0 : other.#word(i));
      for (let bits = this.#word(i) & ~known; bits !== 0; bits &= bits - 1) count++;
    }
    return count;
  }

  copy(): PieceSet {
    const copy = new PieceSet(this.length);
    copy.#bits = this.#bits;
    copy.#size = this.#size;
    copy.#rest = this.#rest?.copy();
    return copy;
  }

  /** The bitmap in its wire format. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.length / 8));
    for (const piece of this) bytes[piece >> 3] = (bytes[piece >> 3] ?? 0) | (1 << (piece & 7));
    return bytes;
  }

  /** For traces. */
  toJSON(): { readonly of: number; readonly pieces: readonly number[] } {
    return { of: this.length, pieces: [...this] };
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let piece = 0; piece < this.length; piece++) if (this.has(piece)) yield piece;
  }

  #word(i: number): number {
    if (i === 0) return this.#bits;
    return this.#rest === undefined ? 0 : this.#rest.#word(i - 1);
  }

  #flip(piece: number): void {
    if (piece < 32) this.#bits ^= 1 << piece;
    else if (this.#rest !== undefined) this.#rest.#flip(piece - 32);
  }
}
