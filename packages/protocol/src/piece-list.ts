import { segmentFile, type SegmentId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { PIECE_HASH_BYTES, pieceCount } from './pieces.ts';

/** What an announcement says of a segment, for whoever did not hear it. */
export interface PieceList {
  readonly bytes: number;
  readonly durationMs: number;
  /** SHA-256 of each piece, 32 bytes a piece, in order. */
  readonly hashes: Uint8Array;
}

/** Longer than a segment's own extension may be: a piece list is never taken for a segment. */
export const PIECE_LIST_EXTENSION = 'pieces';
const HEADER_BYTES = 8;
const MAX_DURATION_MS = 600_000;
export const PIECE_LIST_BYTES = HEADER_BYTES + LIMITS.piecesPerSegment * PIECE_HASH_BYTES;

/** A segment's piece list, beside the segment below its rendition's folder. */
export function pieceListFile(id: SegmentId): string {
  return segmentFile(id, PIECE_LIST_EXTENSION);
}

/** The segment's bytes u32, its duration in ms u32, then the hashes; big-endian. */
export function encodePieceList({ bytes, durationMs, hashes }: PieceList): Uint8Array<ArrayBuffer> {
  const list = new Uint8Array(HEADER_BYTES + hashes.length);
  const header = new DataView(list.buffer);
  header.setUint32(0, bytes);
  header.setUint32(4, Math.round(durationMs));
  list.set(hashes, HEADER_BYTES);
  return list;
}

/** @returns undefined for anything that is no piece list. */
export function decodePieceList(list: Uint8Array): PieceList | undefined {
  if (list.length < HEADER_BYTES) return undefined;
  const header = new DataView(list.buffer, list.byteOffset);
  const bytes = header.getUint32(0);
  const durationMs = header.getUint32(4);
  const hashes = list.subarray(HEADER_BYTES);
  const isSound =
    bytes > 0 &&
    bytes <= LIMITS.segmentBytes &&
    durationMs <= MAX_DURATION_MS &&
    hashes.length === pieceCount(bytes) * PIECE_HASH_BYTES;
  return isSound ? { bytes, durationMs, hashes } : undefined;
}
