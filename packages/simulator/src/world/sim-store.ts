import { pieceBytes, pieceCount, PieceSet, type SegmentKey } from '@freshet/protocol';

interface Kept {
  readonly bytes: number;
  readonly held: PieceSet;
}

/** Which verified pieces a viewer holds: counters in place of bytes. */
export class SimStore {
  readonly #segments = new Map<SegmentKey, Kept>();

  announce(key: SegmentKey, bytes: number): void {
    if (!this.#segments.has(key)) this.#segments.set(key, { bytes, held: new PieceSet(pieceCount(bytes)) });
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

  holdsAll(key: SegmentKey): boolean {
    return this.#segments.get(key)?.held.isFull ?? false;
  }

  bytesOf(key: SegmentKey, piece: number): number {
    const kept = this.#segments.get(key);
    if (kept === undefined) throw new Error(`no piece list of ${key}`);
    return pieceBytes(kept.bytes, piece);
  }

  forget(key: SegmentKey): void {
    this.#segments.delete(key);
  }
}
