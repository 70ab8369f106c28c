import type { SegmentId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { PieceSet } from './piece-set.ts';

/**
 * What travels on a data channel (PROTOCOL.md, rules F1 to F9). One frame is one message.
 * Control frames are small; a piece travels as several `piece` frames so that control is never stuck behind bulk.
 */
export type Frame = ControlFrame | PieceFrame;

export type ControlFrame =
  /** The pieces of a segment that the sender will serve now; replaces what it said of that segment before. */
  | { readonly type: 'have'; readonly segment: SegmentId; readonly pieces: PieceSet }
  /** The sender is taking these pieces from the origin: wait for its `have` rather than go there too. */
  | { readonly type: 'fetching'; readonly segment: SegmentId; readonly pieces: PieceSet }
  /** Please send these pieces. `withinMs`: how long they are of use to the asker, 0 when unknown. */
  | {
      readonly type: 'request';
      readonly segment: SegmentId;
      readonly pieces: PieceSet;
      readonly withinMs: number;
    }
  /** Those pieces are no longer wanted; what is already under way may still come. */
  | { readonly type: 'cancel'; readonly segment: SegmentId; readonly pieces: PieceSet }
  /** Those requested pieces will not come. */
  | {
      readonly type: 'reject';
      readonly segment: SegmentId;
      readonly pieces: PieceSet;
      readonly reason: RejectReason;
    }
  /** The sender is leaving: take what you need elsewhere. */
  | { readonly type: 'bye' };

export interface PieceFrame {
  readonly type: 'piece';
  readonly segment: SegmentId;
  readonly piece: number;
  /** Where in the piece this payload starts, in bytes. Frames of one piece come in order. */
  readonly offset: number;
  readonly payload: Uint8Array;
}

/** `busy`: ask again later or elsewhere; `absent`: not held (any longer); `refused`: this sender does not upload. */
export type RejectReason = 'busy' | 'absent' | 'refused';

export type FrameFault =
  'too-long' | 'truncated' | 'unknown-type' | 'bad-part' | 'bad-bitmap' | 'bad-reason' | 'bad-piece';
export type DecodedFrame =
  { readonly ok: true; readonly frame: Frame } | { readonly ok: false; readonly fault: FrameFault };

const TYPES = ['have', 'fetching', 'request', 'cancel', 'reject', 'bye', 'piece'] as const;
const REASONS: readonly RejectReason[] = ['busy', 'absent', 'refused'];

// type u8 | epoch u32 | rendition u32 | msn u48 | part u16
const SEGMENT_HEADER = 1 + 4 + 4 + 6 + 2;
// … | piece u16 | offset u32
const PIECE_HEADER = SEGMENT_HEADER + 2 + 4;

/** Bytes of a piece that fit one frame. */
export const FRAME_PAYLOAD_BYTES = LIMITS.frameBytes - PIECE_HEADER;

/** Writes one frame. Throws RangeError on what `decodeFrame` would refuse: a bitmap, payload or piece outside the limits. */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  switch (frame.type) {
    case 'bye':
      return Uint8Array.of(TYPES.indexOf('bye'));
    case 'piece': {
      const { piece, payload } = frame;
      if (payload.length === 0 || payload.length > FRAME_PAYLOAD_BYTES)
        throw new RangeError(`payload of ${payload.length} bytes`);
      if (!(piece >= 0 && piece < LIMITS.piecesPerSegment)) throw new RangeError(`piece ${piece}`);
      const { bytes, view } = startFrame(frame, PIECE_HEADER + payload.length);
      view.setUint16(SEGMENT_HEADER, piece);
      view.setUint32(SEGMENT_HEADER + 2, frame.offset);
      bytes.set(payload, PIECE_HEADER);
      return bytes;
    }
    default: {
      const { length } = frame.pieces;
      if (length === 0 || length > LIMITS.piecesPerSegment)
        throw new RangeError(`bitmap of ${length} pieces`);
      const bitmap = frame.pieces.toBytes();
      const extra = frame.type === 'request' ? 4 : frame.type === 'reject' ? 1 : 0;
      const { bytes, view } = startFrame(frame, SEGMENT_HEADER + 2 + bitmap.length + extra);
      view.setUint16(SEGMENT_HEADER, length);
      bytes.set(bitmap, SEGMENT_HEADER + 2);
      const tail = SEGMENT_HEADER + 2 + bitmap.length;
      if (frame.type === 'request')
        view.setUint32(tail, Math.min(Math.max(0, Math.round(frame.withinMs)), 0xffffffff));
      if (frame.type === 'reject') view.setUint8(tail, REASONS.indexOf(frame.reason));
      return bytes;
    }
  }
}

/** Reads one message. Never throws: what a stranger sent wrong comes back as a fault. */
export function decodeFrame(bytes: Uint8Array): DecodedFrame {
  if (bytes.length > LIMITS.frameBytes) return fault('too-long');
  const type = TYPES[bytes[0] ?? 0xff];
  if (type === undefined) return fault(bytes.length === 0 ? 'truncated' : 'unknown-type');
  if (type === 'bye') return { ok: true, frame: { type } };
  if (bytes.length < SEGMENT_HEADER + 2) return fault('truncated');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segment = readSegment(view);
  if ((segment.part ?? 0) >= LIMITS.partsPerSegment) return fault('bad-part');

  if (type === 'piece') {
    if (bytes.length <= PIECE_HEADER) return fault('truncated');
    const piece = view.getUint16(SEGMENT_HEADER);
    if (piece >= LIMITS.piecesPerSegment) return fault('bad-piece');
    const offset = view.getUint32(SEGMENT_HEADER + 2);
    return { ok: true, frame: { type, segment, piece, offset, payload: bytes.subarray(PIECE_HEADER) } };
  }

  const length = view.getUint16(SEGMENT_HEADER);
  if (length === 0 || length > LIMITS.piecesPerSegment) return fault('bad-bitmap');
  const tail = SEGMENT_HEADER + 2 + Math.ceil(length / 8);
  const extra = type === 'request' ? 4 : type === 'reject' ? 1 : 0;
  if (bytes.length < tail + extra) return fault('truncated');
  const pieces = PieceSet.fromBytes(length, bytes.subarray(SEGMENT_HEADER + 2, tail));
  if (pieces === undefined) return fault('bad-bitmap');
  if (type === 'request')
    return { ok: true, frame: { type, segment, pieces, withinMs: view.getUint32(tail) } };
  if (type !== 'reject') return { ok: true, frame: { type, segment, pieces } };
  const reason = REASONS[view.getUint8(tail)];
  return reason === undefined ? fault('bad-reason') : { ok: true, frame: { type, segment, pieces, reason } };
}

function fault(reason: FrameFault): DecodedFrame {
  return { ok: false, fault: reason };
}

function startFrame(frame: Exclude<Frame, { type: 'bye' }>, length: number) {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, TYPES.indexOf(frame.type));
  view.setUint32(1, frame.segment.epoch);
  view.setUint32(5, Number.parseInt(frame.segment.rendition, 16));
  view.setUint16(9, Math.floor(frame.segment.msn / 2 ** 32));
  view.setUint32(11, frame.segment.msn % 2 ** 32);
  // 0: the whole segment.
  view.setUint16(15, (frame.segment.part ?? -1) + 1);
  return { bytes, view };
}

function readSegment(view: DataView): SegmentId {
  const segment = {
    epoch: view.getUint32(1),
    rendition: view.getUint32(5).toString(16).padStart(8, '0'),
    msn: view.getUint16(9) * 2 ** 32 + view.getUint32(11),
  };
  const part = view.getUint16(15);
  return part === 0 ? segment : { ...segment, part: part - 1 };
}
