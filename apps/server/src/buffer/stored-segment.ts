import { createHash } from 'node:crypto';
import {
  type PartSize,
  PIECE_HASH_BYTES,
  pieceCount,
  type RenditionId,
  type SegmentId,
  type SegmentKey,
  segmentKey,
} from '@freshet/protocol';
import { hashPieces } from './hash-pieces.ts';

/** A segment in memory, or a low-latency part of one. Its bytes are held once: senders take slices of `data`. */
export interface StoredSegment {
  readonly id: SegmentId;
  readonly key: SegmentKey;
  readonly data: Buffer;
  readonly contentType: string;
  /** Of its URL, without the dot. */
  readonly extension: string;
  /** A strong ETag with its quotes: it changes with any byte. */
  readonly etag: string;
  readonly durationMs: number;
  /** Absolute address at the broadcaster's CDN, if viewers fetch it there. */
  readonly origin: string | undefined;
  /**
   * The piece list: SHA-256 of each piece, 32 bytes per piece, in order. For a segment made of parts: their piece
   * lists.
   */
  readonly hashes: Uint8Array;
  /** The parts that it consists of; undefined if it arrived whole. */
  readonly parts: readonly PartSize[] | undefined;
}

/** An initialisation section (EXT-X-MAP). If the same bytes arrive again, it keeps its URL. */
export interface StoredInit {
  readonly epoch: number;
  readonly rendition: RenditionId;
  /** Hash of the content; it is the name in the URL. */
  readonly hash: string;
  readonly data: Buffer;
  readonly contentType: string;
  readonly etag: string;
}

/** @param known values from its parts, which need not be hashed again */
export function storeSegment(
  id: SegmentId,
  media: Pick<StoredSegment, 'data' | 'contentType' | 'extension' | 'durationMs'> & {
    readonly origin?: string | undefined;
  },
  known: Partial<Pick<StoredSegment, 'hashes' | 'parts'>> = {},
): StoredSegment {
  const { data, contentType, extension, durationMs, origin } = media;
  const { hashes = hashPieces(data), parts } = known;
  // The piece list depends on every byte and is 2000 times shorter.
  const etag = `"${sha256(hashes).slice(0, 32)}"`;
  return { id, key: segmentKey(id), data, contentType, extension, etag, durationMs, origin, hashes, parts };
}

/** The hashes and sizes of a segment that is the sum of these parts. */
export function sumOfParts(parts: readonly StoredSegment[]): Pick<StoredSegment, 'hashes' | 'parts'> {
  return {
    hashes: Buffer.concat(parts.map(({ hashes }) => hashes)),
    parts: parts.map(({ data, durationMs }) => ({ bytes: data.length, durationMs })),
  };
}

/** A part of a segment that was made of parts; undefined for any other. */
export function storedPart(segment: StoredSegment, part: number): StoredSegment | undefined {
  const { id, data, contentType, extension, parts = [] } = segment;
  const size = parts[part];
  if (size === undefined) return undefined;
  const before = parts.slice(0, part);
  const start = before.reduce((sum, { bytes }) => sum + bytes, 0);
  const from = before.reduce((sum, { bytes }) => sum + pieceCount(bytes), 0) * PIECE_HASH_BYTES;
  const to = from + pieceCount(size.bytes) * PIECE_HASH_BYTES;
  const slice = data.subarray(start, start + size.bytes);
  const media = { data: slice, contentType, extension, durationMs: size.durationMs };
  return storeSegment({ ...id, part }, media, { hashes: segment.hashes.subarray(from, to) });
}

export function storeInit(
  epoch: number,
  rendition: RenditionId,
  data: Buffer,
  contentType: string,
): StoredInit {
  const hash = contentHash(data);
  return { epoch, rendition, hash, data, contentType, etag: `"${hash}"` };
}

/** The name of an init segment: 16 hexadecimal digits of its SHA-256. */
export function contentHash(data: Uint8Array): string {
  return sha256(data).slice(0, 16);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
