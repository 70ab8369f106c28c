const SMALLEST = 16 * 1024;
const LARGEST = 64 * 1024;
const PIECES_AIMED_AT = 32;

/** SHA-256. */
export const PIECE_HASH_BYTES = 32;

/**
 * The piece size of a segment: its bytes / 32, rounded up to a power of two, within 16 and 64 KiB. Both ends compute
 * it, so it is never transmitted.
 */
export function pieceSize(segmentBytes: number): number {
  let size = SMALLEST;
  while (size < LARGEST && size * PIECES_AIMED_AT < segmentBytes) size *= 2;
  return size;
}

export function pieceCount(segmentBytes: number): number {
  return Math.ceil(segmentBytes / pieceSize(segmentBytes));
}

/** The position of pieces in their segment: `start` inclusive, `end` exclusive, in bytes. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** The bytes of pieces `first` to `last`, both inclusive, of a segment. */
export function pieceSpan(segmentBytes: number, first: number, last = first): ByteSpan {
  const size = pieceSize(segmentBytes);
  return { start: first * size, end: Math.min((last + 1) * size, segmentBytes) };
}

export function pieceBytes(segmentBytes: number, piece: number): number {
  const { start, end } = pieceSpan(segmentBytes, piece);
  return end - start;
}
