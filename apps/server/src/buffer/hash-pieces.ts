import { createHash } from 'node:crypto';
import { PIECE_HASH_BYTES, pieceCount, pieceSpan } from '@freshet/protocol';

/**
 * The piece list of a segment: the SHA-256 hashes of its pieces in order, 32 bytes each. Runs synchronously on the
 * calling thread and takes about 1 ms per megabyte, so at most some 30 ms for the largest segment allowed.
 */
export function hashPieces(data: Uint8Array): Uint8Array {
  const pieces = pieceCount(data.length);
  const hashes = new Uint8Array(pieces * PIECE_HASH_BYTES);
  for (let piece = 0; piece < pieces; piece++) {
    const { start, end } = pieceSpan(data.length, piece);
    hashes.set(createHash('sha256').update(data.subarray(start, end)).digest(), piece * PIECE_HASH_BYTES);
  }
  return hashes;
}
