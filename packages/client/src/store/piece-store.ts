import {
  pieceBytes,
  pieceCount,
  PIECE_HASH_BYTES,
  pieceSpan,
  PieceSet,
  type SegmentKey,
} from '@freshet/protocol';

interface Stored {
  readonly bytes: number;
  readonly hashes: Uint8Array;
  readonly held: PieceSet;
  /** Allocated with the first piece: an announced segment costs only its piece list. */
  buffer: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Verified media and the piece lists that verify it. The core decides what to drop (`forget`): it counts the bytes held
 * and stays below the page's limit, so this store evicts nothing.
 */
export class PieceStore {
  readonly #segments = new Map<SegmentKey, Stored>();

  /** Only the first piece list of a segment counts: a segment never changes. */
  announce(key: SegmentKey, bytes: number, hashes: Uint8Array): void {
    if (this.#segments.has(key)) return;
    const count = pieceCount(bytes);
    if (hashes.length !== count * PIECE_HASH_BYTES) throw new RangeError(`piece list of ${key}`);
    this.#segments.set(key, { bytes, hashes, held: new PieceSet(count), buffer: undefined });
  }

  /** @returns the segment's size in bytes; undefined when it was not announced. */
  bytesOf(key: SegmentKey): number | undefined {
    return this.#segments.get(key)?.bytes;
  }

  hashOf(key: SegmentKey, piece: number): Uint8Array | undefined {
    const segment = this.#segments.get(key);
    if (segment === undefined || !(piece >= 0 && piece < segment.held.length)) return undefined;
    return segment.hashes.subarray(piece * PIECE_HASH_BYTES, (piece + 1) * PIECE_HASH_BYTES);
  }

  /** Pieces held; undefined when the segment was not announced. */
  heldOf(key: SegmentKey): PieceSet | undefined {
    return this.#segments.get(key)?.held;
  }

  /** Stores a verified piece. @returns whether it was new; false also when the segment was forgotten. */
  put(key: SegmentKey, piece: number, bytes: Uint8Array): boolean {
    const segment = this.#segments.get(key);
    if (segment === undefined || segment.held.has(piece)) return false;
    if (bytes.length !== pieceBytes(segment.bytes, piece)) throw new RangeError(`piece ${piece} of ${key}`);
    segment.buffer ??= new Uint8Array(segment.bytes);
    segment.buffer.set(bytes, pieceSpan(segment.bytes, piece).start);
    segment.held.add(piece);
    return true;
  }

  /** The bytes of a held piece, not a copy. */
  piece(key: SegmentKey, piece: number): Uint8Array<ArrayBuffer> | undefined {
    const segment = this.#segments.get(key);
    if (segment?.buffer === undefined || !segment.held.has(piece)) return undefined;
    const { start, end } = pieceSpan(segment.bytes, piece);
    return segment.buffer.subarray(start, end);
  }

  /** A copy of a complete segment. The player transfers it to a worker, which detaches the buffer. */
  copy(key: SegmentKey): ArrayBuffer | undefined {
    const segment = this.#segments.get(key);
    return segment?.buffer !== undefined && segment.held.isFull ? segment.buffer.buffer.slice(0) : undefined;
  }

  forget(key: SegmentKey): void {
    this.#segments.delete(key);
  }

  clear(): void {
    this.#segments.clear();
  }
}
