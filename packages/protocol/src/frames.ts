import type { SegmentId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { PieceSet } from './piece-set.ts';

/**
 * A frame on a data channel (PROTOCOL.md, rules F1 to F11). One frame is one message. Control frames are small. A piece
 * travels as several `piece` frames, so that a control frame never waits behind a whole piece.
 */
export type Frame = ControlFrame | FeedbackFrame | PieceFrame;

export type ControlFrame =
  /**
   * The pieces of a segment that the sender will serve now. Replaces the sender's earlier `have` of that segment.
   * `backlogMs`: how long a request that arrives now waits for the sender's uplink.
   */
  | {
      readonly type: 'have';
      readonly segment: SegmentId;
      readonly pieces: PieceSet;
      readonly backlogMs: number;
    }
  /** The sender is fetching these pieces from the origin. Request them from it instead of fetching them too. */
  | { readonly type: 'fetching'; readonly segment: SegmentId; readonly pieces: PieceSet }
  /**
   * Send these pieces. `withinMs`: the time within which the last byte has to leave, or the requester takes the piece
   * from elsewhere; 0: unknown.
   */
  | {
      readonly type: 'request';
      readonly segment: SegmentId;
      readonly pieces: PieceSet;
      readonly withinMs: number;
    }
  /** The requester no longer wants these pieces. A piece that is being sent breaks off. */
  | { readonly type: 'cancel'; readonly segment: SegmentId; readonly pieces: PieceSet }
  /** The sender will not send these requested pieces. `backlogMs`: as in `have`. */
  | {
      readonly type: 'reject';
      readonly segment: SegmentId;
      readonly pieces: PieceSet;
      readonly reason: RejectReason;
      readonly backlogMs: number;
    }
  /** The sender is leaving. Request the missing pieces elsewhere. */
  | { readonly type: 'bye' };

/**
 * How `piece` frames arrive. `delay`: the smallest difference between arrival, on the receiver's clock, and time stamp,
 * over the frames that arrived since the last feedback. `sentAt`: the time stamp of the frame with this difference.
 * Both are in ticks of `TICKS_PER_MS`, modulo 2^32. The two clocks are unrelated, so only changes of `delay` count.
 */
export interface FeedbackFrame {
  readonly type: 'feedback';
  readonly sentAt: number;
  readonly delay: number;
}

export interface PieceFrame {
  readonly type: 'piece';
  readonly segment: SegmentId;
  readonly piece: number;
  /** The offset of the payload in the piece, in bytes. The frames of a piece arrive in order. */
  readonly offset: number;
  /** The time at which the frame left, on the sender's clock, in ticks of `TICKS_PER_MS`, modulo 2^32. */
  readonly sentAt: number;
  /** As in `have`. */
  readonly backlogMs: number;
  readonly payload: Uint8Array;
}

/**
 * `busy`: ask again later or elsewhere; `absent`: not held, or no longer held; `refused`: the sender does not upload.
 */
export type RejectReason = 'busy' | 'absent' | 'refused';

export type FrameFault =
  'too-long' | 'truncated' | 'unknown-type' | 'bad-part' | 'bad-bitmap' | 'bad-reason' | 'bad-piece';
export type DecodedFrame =
  { readonly ok: true; readonly frame: Frame } | { readonly ok: false; readonly fault: FrameFault };

const TYPES = ['have', 'fetching', 'request', 'cancel', 'reject', 'bye', 'piece', 'feedback'] as const;
const REASONS: readonly RejectReason[] = ['busy', 'absent', 'refused'];

// type u8 | epoch u32 | rendition u32 | msn u48 | part u16
const SEGMENT_HEADER = 1 + 4 + 4 + 6 + 2;
// … | piece u16 | offset u32 | sentAt u32 | backlog u16
export const PIECE_HEADER = SEGMENT_HEADER + 2 + 4 + 4 + 2;
// type u8 | sentAt u32 | delay u32
const FEEDBACK_BYTES = 1 + 4 + 4;
/** Bytes after the bitmap. */
const TAILS: Readonly<Record<BitmapFrame['type'], number>> = {
  have: 2,
  fetching: 0,
  request: 4,
  cancel: 0,
  reject: 3,
};

type BitmapFrame = Exclude<ControlFrame, { type: 'bye' }>;

/** Time stamps count tenths of a millisecond. */
export const TICKS_PER_MS = 10;

/** Converts a time in ms to a time stamp. */
export function toTicks(ms: number): number {
  return Math.round(ms * TICKS_PER_MS) >>> 0;
}

/** Bytes of a piece that fit in one frame. */
export const FRAME_PAYLOAD_BYTES = LIMITS.frameBytes - PIECE_HEADER;

/**
 * Writes one frame. Throws RangeError for a bitmap, payload or piece outside the limits, which `decodeFrame` would
 * refuse.
 */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  switch (frame.type) {
    case 'bye':
      return Uint8Array.of(TYPES.indexOf('bye'));
    case 'feedback': {
      const bytes = new Uint8Array(FEEDBACK_BYTES);
      const view = new DataView(bytes.buffer);
      view.setUint8(0, TYPES.indexOf('feedback'));
      view.setUint32(1, frame.sentAt);
      view.setUint32(5, frame.delay);
      return bytes;
    }
    case 'piece': {
      const { piece, payload } = frame;
      if (payload.length === 0 || payload.length > FRAME_PAYLOAD_BYTES)
        throw new RangeError(`payload of ${payload.length} bytes`);
      if (!(piece >= 0 && piece < LIMITS.piecesPerSegment)) throw new RangeError(`piece ${piece}`);
      const { bytes, view } = startFrame(frame, PIECE_HEADER + payload.length);
      view.setUint16(SEGMENT_HEADER, piece);
      view.setUint32(SEGMENT_HEADER + 2, frame.offset);
      view.setUint32(SEGMENT_HEADER + 6, frame.sentAt);
      view.setUint16(SEGMENT_HEADER + 10, backlog(frame.backlogMs));
      bytes.set(payload, PIECE_HEADER);
      return bytes;
    }
    default: {
      const { length } = frame.pieces;
      if (length === 0 || length > LIMITS.piecesPerSegment)
        throw new RangeError(`bitmap of ${length} pieces`);
      const bitmap = frame.pieces.toBytes();
      const { bytes, view } = startFrame(frame, SEGMENT_HEADER + 2 + bitmap.length + TAILS[frame.type]);
      view.setUint16(SEGMENT_HEADER, length);
      bytes.set(bitmap, SEGMENT_HEADER + 2);
      const tail = SEGMENT_HEADER + 2 + bitmap.length;
      if (frame.type === 'request')
        view.setUint32(tail, Math.min(Math.max(0, Math.round(frame.withinMs)), 0xffffffff));
      if (frame.type === 'have') view.setUint16(tail, backlog(frame.backlogMs));
      if (frame.type === 'reject') {
        view.setUint8(tail, REASONS.indexOf(frame.reason));
        view.setUint16(tail + 1, backlog(frame.backlogMs));
      }
      return bytes;
    }
  }
}

/** Reads one message. Never throws: invalid input from a peer is returned as a fault. */
export function decodeFrame(bytes: Uint8Array): DecodedFrame {
  if (bytes.length > LIMITS.frameBytes) return fault('too-long');
  const type = TYPES[bytes[0] ?? 0xff];
  if (type === undefined) return fault(bytes.length === 0 ? 'truncated' : 'unknown-type');
  if (type === 'bye') return { ok: true, frame: { type } };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === 'feedback') {
    if (bytes.length < FEEDBACK_BYTES) return fault('truncated');
    return { ok: true, frame: { type, sentAt: view.getUint32(1), delay: view.getUint32(5) } };
  }
  if (bytes.length < SEGMENT_HEADER + 2) return fault('truncated');
  const segment = readSegment(view);
  if ((segment.part ?? 0) >= LIMITS.partsPerSegment) return fault('bad-part');

  if (type === 'piece') {
    if (bytes.length <= PIECE_HEADER) return fault('truncated');
    const piece = view.getUint16(SEGMENT_HEADER);
    if (piece >= LIMITS.piecesPerSegment) return fault('bad-piece');
    const offset = view.getUint32(SEGMENT_HEADER + 2);
    const sentAt = view.getUint32(SEGMENT_HEADER + 6);
    const backlogMs = view.getUint16(SEGMENT_HEADER + 10);
    const payload = bytes.subarray(PIECE_HEADER);
    return { ok: true, frame: { type, segment, piece, offset, sentAt, backlogMs, payload } };
  }

  const length = view.getUint16(SEGMENT_HEADER);
  if (length === 0 || length > LIMITS.piecesPerSegment) return fault('bad-bitmap');
  const tail = SEGMENT_HEADER + 2 + Math.ceil(length / 8);
  if (bytes.length < tail + TAILS[type]) return fault('truncated');
  const pieces = PieceSet.fromBytes(length, bytes.subarray(SEGMENT_HEADER + 2, tail));
  if (pieces === undefined) return fault('bad-bitmap');
  if (type === 'request')
    return { ok: true, frame: { type, segment, pieces, withinMs: view.getUint32(tail) } };
  if (type === 'have') return { ok: true, frame: { type, segment, pieces, backlogMs: view.getUint16(tail) } };
  if (type !== 'reject') return { ok: true, frame: { type, segment, pieces } };
  const reason = REASONS[view.getUint8(tail)];
  if (reason === undefined) return fault('bad-reason');
  return { ok: true, frame: { type, segment, pieces, reason, backlogMs: view.getUint16(tail + 1) } };
}

/** A backlog that does not fit is sent as the largest value. */
function backlog(ms: number): number {
  return Math.min(Math.max(0, Math.round(ms)), 0xffff);
}

function fault(reason: FrameFault): DecodedFrame {
  return { ok: false, fault: reason };
}

function startFrame(frame: BitmapFrame | PieceFrame, length: number) {
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
