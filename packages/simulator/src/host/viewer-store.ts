import { pieceBytes, pieceCount, PieceSet, type SegmentKey } from '@freshet/protocol';

interface Kept {
  readonly bytes: number;
  readonly held: PieceSet;
}

/** A viewer's piece lists and verified pieces, without the bytes. */
export class ViewerStore {
  readonly #segments = new Map<SegmentKey, Kept>();

  /** The first announcement of a segment is final. */
  announce(key: SegmentKey, bytes: number): void {
    if (this.#segments.has(key)) return;
    this.#segments.set(key, { bytes, held: new PieceSet(pieceCount(bytes)) });
  }

  isAnnounced(key: SegmentKey): boolean {
    return this.#segments.has(key);
  }

  /** @returns whether it was new. */
  put(key: SegmentKey, piece: number): boolean {
    const held = this.#segments.get(key)?.held;
    if (held === undefined || held.has(piece)) return false;
    held.add(piece);
    return true;
  }

  holds(key: SegmentKey, piece: number): boolean {
    return this.#segments.get(key)?.held.has(piece) ?? false;
  }

  holdsAll(key: SegmentKey): boolean {
    return this.#segments.get(key)?.held.isFull ?? false;
  }

  /** Throws for a segment that was not announced: only a fault of the core under test requests one. */
  bytesOf(key: SegmentKey, piece: number): number {
    const kept = this.#segments.get(key);
    if (kept === undefined) throw new Error(`no piece list of ${key}`);
    return pieceBytes(kept.bytes, piece);
  }

  forget(key: SegmentKey): void {
    this.#segments.delete(key);
  }
}
