import { encodeFrame, FRAME_PAYLOAD_BYTES, type SegmentId } from '@freshet/protocol';

/** A piece that was handed to a link. */
export interface PieceTag {
  readonly segment: SegmentId;
  readonly piece: number;
  readonly bytes: number;
}

/** A piece as frames of one message each, made as they are sent. */
export function* pieceFrames(
  { segment, piece }: PieceTag,
  bytes: Uint8Array,
): Generator<Uint8Array<ArrayBuffer>> {
  for (let offset = 0; offset < bytes.length; offset += FRAME_PAYLOAD_BYTES) {
    const payload = bytes.subarray(offset, offset + FRAME_PAYLOAD_BYTES);
    yield encodeFrame({ type: 'piece', segment, piece, offset, payload });
  }
}
