import { createHash } from 'node:crypto';
import { type RenditionId, type SegmentId, type SegmentKey, segmentKey } from '@freshet/protocol';
import { hashPieces } from './hash-pieces.ts';

/** A segment in memory. Its bytes are held once: whoever sends them takes slices of `data`. */
export interface StoredSegment {
  readonly id: SegmentId;
  readonly key: SegmentKey;
  readonly data: Buffer;
  readonly contentType: string;
  /** Of its URL, without the dot. */
  readonly extension: string;
  /** Strong, with its quotes: it changes with any byte. */
  readonly etag: string;
  readonly durationMs: number;
  /** Its absolute address at the broadcaster's CDN, when viewers get it there. */
  readonly origin: string | undefined;
  /** The piece list: SHA-256 of each piece, 32 bytes a piece, in order. */
  readonly hashes: Uint8Array;
}

/** An initialisation section (EXT-X-MAP). One whose bytes were seen before keeps the URL it had. */
export interface StoredInit {
  readonly epoch: number;
  readonly rendition: RenditionId;
  /** Of the content; names it in its URL. */
  readonly hash: string;
  readonly data: Buffer;
  readonly contentType: string;
  readonly etag: string;
}

export function storeSegment(
  id: SegmentId,
  media: Pick<StoredSegment, 'data' | 'contentType' | 'extension' | 'durationMs'> & {
    readonly origin?: string | undefined;
  },
): StoredSegment {
  const { data, contentType, extension, durationMs, origin } = media;
  const hashes = hashPieces(data);
  // The piece list stands for every byte and is 2000 times shorter.
  const etag = `"${sha256(hashes).slice(0, 32)}"`;
  return { id, key: segmentKey(id), data, contentType, extension, etag, durationMs, origin, hashes };
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
