import { PieceSet } from '@freshet/protocol';

/** Adds a piece to the set kept under `key`, which begins empty. `count`: pieces of the segment. */
export function addPiece<Key>(sets: Map<Key, PieceSet>, key: Key, count: number, piece: number): void {
  let set = sets.get(key);
  if (set === undefined) sets.set(key, (set = new PieceSet(count)));
  set.add(piece);
}
