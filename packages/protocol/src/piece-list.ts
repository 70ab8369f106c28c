import { segmentFile, type SegmentId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { PIECE_HASH_BYTES, pieceCount } from './pieces.ts';

/** The content of a segment's announcement, for viewers that did not receive it. */
export interface PieceList {
  readonly bytes: number;
  readonly durationMs: number;
  /**
   * SHA-256 of each piece, 32 bytes each, in order. With `parts`: the hashes of the parts' pieces, one part after the
   * other.
   */
  readonly hashes: Uint8Array;
  /** The low-latency parts that make up the segment, in order. The segment then has the parts' pieces and no others. */
  readonly parts?: readonly PartSize[] | undefined;
}

export interface PartSize {
  readonly bytes: number;
  readonly durationMs: number;
}

/** Whether sizes and hashes agree: the parts add up to the segment, and every piece has its hash. */
export function isSoundList({ bytes, hashes, parts }: Omit<PieceList, 'durationMs'>): boolean {
  const units = parts ?? [{ bytes }];
  const sum = units.reduce((total, unit) => total + unit.bytes, 0);
  const pieces = units.reduce((total, unit) => total + pieceCount(unit.bytes), 0);
  return sum === bytes && hashes.length === pieces * PIECE_HASH_BYTES;
}

/** Longer than a segment's extension can be, so that a piece list is never mistaken for a segment. */
export const PIECE_LIST_EXTENSION = 'pieces';
const HEADER_BYTES = 10;
const PART_BYTES = 8;
const MAX_DURATION_MS = 600_000;
/** The longest list: every part may end in a partial piece, and small parts have small pieces. */
export const PIECE_LIST_BYTES =
  HEADER_BYTES +
  LIMITS.partsPerSegment * PART_BYTES +
  (LIMITS.segmentBytes / (16 * 1024)) * PIECE_HASH_BYTES +
  LIMITS.partsPerSegment * PIECE_HASH_BYTES;

/** The file of a segment's piece list, beside the segment in its rendition's folder. */
export function pieceListFile(id: SegmentId): string {
  return segmentFile(id, PIECE_LIST_EXTENSION);
}

/**
 * Big-endian: the segment's bytes u32, its duration in ms u32, its number of parts u16, bytes u32 and duration u32 of
 * each part, then the hashes.
 */
export function encodePieceList({
  bytes,
  durationMs,
  hashes,
  parts = [],
}: PieceList): Uint8Array<ArrayBuffer> {
  const hashesAt = HEADER_BYTES + parts.length * PART_BYTES;
  const list = new Uint8Array(hashesAt + hashes.length);
  const view = new DataView(list.buffer);
  view.setUint16(8, parts.length);
  for (const [index, unit] of [{ bytes, durationMs }, ...parts].entries()) {
    const at = index === 0 ? 0 : HEADER_BYTES + (index - 1) * PART_BYTES;
    view.setUint32(at, unit.bytes);
    view.setUint32(at + 4, Math.round(unit.durationMs));
  }
  list.set(hashes, hashesAt);
  return list;
}

/** @returns undefined for anything that is not a valid piece list. */
export function decodePieceList(list: Uint8Array): PieceList | undefined {
  if (list.length < HEADER_BYTES) return undefined;
  const view = new DataView(list.buffer, list.byteOffset);
  const count = view.getUint16(8);
  const hashesAt = HEADER_BYTES + count * PART_BYTES;
  if (count > LIMITS.partsPerSegment || list.length < hashesAt) return undefined;
  const unitAt = (at: number) => ({ bytes: view.getUint32(at), durationMs: view.getUint32(at + 4) });
  const parts = Array.from({ length: count }, (_, part) => unitAt(HEADER_BYTES + part * PART_BYTES));
  const unit = unitAt(0);
  const found = { ...unit, hashes: list.subarray(hashesAt), ...(count > 0 && { parts }) };
  const isSound =
    [unit, ...parts].every(({ bytes }) => bytes > 0 && bytes <= LIMITS.segmentBytes) &&
    [unit, ...parts].every(({ durationMs }) => durationMs <= MAX_DURATION_MS) &&
    isSoundList(found);
  return isSound ? found : undefined;
}
