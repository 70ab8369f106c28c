import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ControlFrame,
  decodeFrame,
  encodeFrame,
  type Frame,
  FRAME_PAYLOAD_BYTES,
  PIECE_HEADER,
  type PieceFrame,
  type RejectReason,
  TICKS_PER_MS,
  toTicks,
} from './frames.ts';
import { MAX_MSN, type SegmentId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { PieceSet } from './piece-set.ts';

const anySegment: fc.Arbitrary<SegmentId> = fc.record(
  {
    epoch: fc.nat(0xffffffff),
    rendition: fc.nat(0xffffffff).map((id) => id.toString(16).padStart(8, '0')),
    msn: fc.maxSafeNat().map((n) => n % (MAX_MSN + 1)),
    part: fc.nat(LIMITS.partsPerSegment - 1),
  },
  { requiredKeys: ['epoch', 'rendition', 'msn'] },
);
const anyPieces = fc
  .integer({ min: 1, max: LIMITS.piecesPerSegment })
  .chain((length) =>
    fc
      .array(fc.nat(length - 1), { maxLength: 40 })
      .map((pieces) => ({ length, pieces: [...new Set(pieces)].sort((a, b) => a - b) })),
  );
const anyTicks = fc.nat(0xffffffff);
const anyBacklog = fc.nat(0xffff);
const anyReason = fc.constantFrom<RejectReason>('busy', 'absent', 'refused');

/** Every type of frame with random fields. */
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.constant<Frame>({ type: 'bye' }),
  fc.tuple(anyTicks, anyTicks).map(([sentAt, delay]): Frame => ({ type: 'feedback', sentAt, delay })),
  fc.tuple(anySegment, anyPieces, anyBacklog).map(([segment, { length, pieces }, backlogMs]): Frame => ({
    type: 'have',
    segment,
    pieces: PieceSet.of(length, pieces),
    backlogMs,
  })),
  fc
    .tuple(anySegment, anyPieces, fc.constantFrom('fetching', 'cancel'))
    .map(([segment, { length, pieces }, type]): Frame => ({
      type,
      segment,
      pieces: PieceSet.of(length, pieces),
    })),
  fc
    .tuple(anySegment, anyPieces, fc.nat(0xffffffff))
    .map(([segment, { length, pieces }, withinMs]): Frame => ({
      type: 'request',
      segment,
      pieces: PieceSet.of(length, pieces),
      withinMs,
    })),
  fc
    .tuple(anySegment, anyPieces, anyReason, anyBacklog)
    .map(([segment, { length, pieces }, reason, backlogMs]): Frame => ({
      type: 'reject',
      segment,
      pieces: PieceSet.of(length, pieces),
      reason,
      backlogMs,
    })),
  fc
    .tuple(
      anySegment,
      fc.nat(LIMITS.piecesPerSegment - 1),
      fc.nat(0xffffffff),
      anyTicks,
      anyBacklog,
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
    )
    .map(([segment, piece, offset, sentAt, backlogMs, payload]): Frame => ({
      type: 'piece',
      segment,
      piece,
      offset,
      sentAt,
      backlogMs,
      payload,
    })),
);

const segment: SegmentId = { epoch: 0x01020304, rendition: '0badcafe', msn: 2 ** 40 + 5 };

/** The frame with its bitmap as a plain list, so that a difference is readable. */
function readable(frame: Frame): unknown {
  if (frame.type === 'bye' || frame.type === 'feedback') return frame;
  if (frame.type === 'piece') return { ...frame, payload: [...frame.payload] };
  return { ...frame, length: frame.pieces.length, pieces: [...frame.pieces] };
}
function decoded(bytes: Uint8Array): unknown {
  const result = decodeFrame(bytes);
  return result.ok ? readable(result.frame) : result;
}
const refused = (fault: string) => ({ ok: false, fault });
const have = (length: number, pieces: readonly number[]): ControlFrame => ({
  type: 'have',
  segment,
  pieces: PieceSet.of(length, pieces),
  backlogMs: 0x0203,
});
const pieceFrame = (payload: Uint8Array, fields: Partial<PieceFrame> = {}): PieceFrame => ({
  type: 'piece',
  segment,
  piece: 0,
  offset: 0,
  sentAt: 0,
  backlogMs: 0,
  payload,
  ...fields,
});
/** A copy of `bytes` with the byte at `at` replaced. */
function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

describe('frames', () => {
  it('F1: the reader returns what the writer was given, for every type of frame, and no frame is too long', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const bytes = encodeFrame(frame);
        expect(bytes.length).toBeLessThanOrEqual(LIMITS.frameBytes);
        expect(decoded(bytes)).toEqual(readable(frame));
      }),
      { numRuns: 500 },
    );
  });

  it('F1: a frame may be as long as the limit, and not a byte longer', () => {
    const payload = new Uint8Array(FRAME_PAYLOAD_BYTES).fill(7);
    const bytes = encodeFrame(pieceFrame(payload, { piece: 511 }));
    expect(bytes.length).toBe(LIMITS.frameBytes);
    expect(decodeFrame(bytes).ok).toBe(true);
    expect(decoded(new Uint8Array([...bytes, 0]))).toEqual(refused('too-long'));
  });

  it('F1: an unknown type and an empty message are refused', () => {
    for (let type = 8; type < 256; type++)
      expect(decoded(Uint8Array.of(type, 0, 0, 0))).toEqual(refused('unknown-type'));
    expect(decoded(new Uint8Array())).toEqual(refused('truncated'));
  });

  it('V3: a frame starts with its type, and a version before it is a fault', () => {
    const bytes = encodeFrame(have(8, [0, 7]));
    expect(bytes[0]).toBe(0);
    expect(decoded(Uint8Array.of(255, ...bytes))).toEqual(refused('unknown-type'));
  });

  it('F2: the segment follows the type in big-endian order', () => {
    const bytes = encodeFrame(have(8, [0, 7]));
    expect([...bytes]).toEqual([
      0, 1, 2, 3, 4, 0x0b, 0xad, 0xca, 0xfe, 0x01, 0, 0, 0, 0, 5, 0, 0, 0, 8, 0b1000_0001, 2, 3,
    ]);
  });

  it('F2: a frame that is cut at any byte is refused as truncated', () => {
    fc.assert(
      fc.property(anyFrame, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (frame, share) => {
        const bytes = encodeFrame(frame);
        // A piece frame that is cut inside its payload is valid: the receiver detects the gap (F6).
        const least = frame.type === 'piece' ? bytes.length - frame.payload.length + 1 : bytes.length;
        expect(decoded(bytes.subarray(0, Math.floor(share * least)))).toEqual(refused('truncated'));
      }),
    );
  });

  it('F2: a part number beyond the limit is refused', () => {
    const bytes = encodeFrame(have(9, [8]));
    const numbered = (part: number) => decoded(changed(changed(bytes, 15, part >> 8), 16, part & 0xff));
    expect(numbered(LIMITS.partsPerSegment)).toMatchObject({
      segment: { part: LIMITS.partsPerSegment - 1 },
    });
    expect(numbered(LIMITS.partsPerSegment + 1)).toEqual(refused('bad-part'));
    expect(numbered(0xffff)).toEqual(refused('bad-part'));
  });

  it('F3: a bitmap with bits past the end is refused', () => {
    const bytes = encodeFrame(have(9, [8]));
    for (const bits of [0b11, 0b1000_0001, 0xff])
      expect(decoded(changed(bytes, 20, bits))).toEqual(refused('bad-bitmap'));
    expect(decodeFrame(changed(bytes, 20, 0)).ok).toBe(true);
  });

  it('F3: a bitmap of no pieces, or of more than a segment can have, is refused', () => {
    const bytes = encodeFrame(have(LIMITS.piecesPerSegment, [0]));
    expect(decodeFrame(bytes).ok).toBe(true);
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(changed(bytes, 18, 1));
    expect(decoded(longer)).toEqual(refused('bad-bitmap'));
    expect(decoded(changed(changed(bytes, 17, 0), 18, 0))).toEqual(refused('bad-bitmap'));
  });

  it('F4: withinMs is rounded into 32 bits', () => {
    const within = (withinMs: number) =>
      decoded(encodeFrame({ type: 'request', segment, pieces: PieceSet.full(1), withinMs }));
    expect(within(12.6)).toMatchObject({ withinMs: 13 });
    expect(within(-5)).toMatchObject({ withinMs: 0 });
    expect(within(Number.POSITIVE_INFINITY)).toMatchObject({ withinMs: 0xffffffff });
    expect(within(Number.NaN)).toMatchObject({ withinMs: 0 });
  });

  it('F5: an unknown reason is refused', () => {
    const pieces = PieceSet.full(3);
    const bytes = encodeFrame({ type: 'reject', segment, pieces, reason: 'refused', backlogMs: 0 });
    const at = bytes.length - 3;
    expect(bytes[at]).toBe(2);
    for (let reason = 3; reason < 256; reason++)
      expect(decoded(changed(bytes, at, reason))).toEqual(refused('bad-reason'));
  });

  it('F6: a piece number beyond the limit and an empty payload are refused', () => {
    const bytes = encodeFrame(pieceFrame(Uint8Array.of(1), { offset: 9 }));
    expect(decoded(changed(bytes, 17, 2))).toEqual(refused('bad-piece'));
    expect(decoded(changed(bytes, 17, 1))).toMatchObject({ piece: 256, offset: 9, payload: [1] });
    expect(decoded(bytes.subarray(0, bytes.length - 1))).toEqual(refused('truncated'));
  });

  it('F7: bye is one byte', () => {
    expect([...encodeFrame({ type: 'bye' })]).toEqual([5]);
  });

  it('F8: the writer throws on every frame that a reader would refuse', () => {
    const piece = (number: number, bytes: number) => () =>
      encodeFrame(pieceFrame(new Uint8Array(bytes), { piece: number }));
    expect(piece(0, FRAME_PAYLOAD_BYTES + 1)).toThrow(RangeError);
    expect(piece(0, 0)).toThrow(RangeError);
    expect(piece(LIMITS.piecesPerSegment, 1)).toThrow(RangeError);
    expect(() => encodeFrame(have(0, []))).toThrow(RangeError);
    expect(() => encodeFrame(have(LIMITS.piecesPerSegment + 1, []))).toThrow(RangeError);
  });

  it('F9: random bytes never make the reader throw, and a frame read from them can be written again', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.uint8Array({ maxLength: 120 }), (type, rest) => {
        const result = decodeFrame(Uint8Array.of(type, ...rest));
        if (result.ok) expect(decoded(encodeFrame(result.frame))).toEqual(readable(result.frame));
      }),
      { numRuns: 2000 },
    );
  });

  it('F9: a valid frame with changed bytes never makes the reader throw', () => {
    fc.assert(
      fc.property(
        anyFrame,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (frame, changes) => {
          let bytes: Uint8Array = encodeFrame(frame);
          for (const [at, value] of changes) bytes = changed(bytes, at % bytes.length, value);
          const result = decodeFrame(bytes);
          if (result.ok) expect(decoded(encodeFrame(result.frame))).toEqual(readable(result.frame));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('F9: a frame inside a larger buffer is read at its offset', () => {
    const bytes = encodeFrame(have(20, [1, 19]));
    const larger = new Uint8Array(bytes.length + 10).fill(0xee);
    larger.set(bytes, 5);
    expect(decoded(larger.subarray(5, 5 + bytes.length))).toEqual(decoded(bytes));
  });

  it('F10: a backlog that does not fit is sent as the largest value, and a negative one as 0', () => {
    const told = (backlogMs: number) => [
      decoded(encodeFrame({ type: 'have', segment, pieces: PieceSet.full(1), backlogMs })),
      decoded(encodeFrame({ type: 'reject', segment, pieces: PieceSet.full(1), reason: 'busy', backlogMs })),
      decoded(encodeFrame(pieceFrame(Uint8Array.of(1), { backlogMs }))),
    ];
    for (const [ms, backlogMs] of [
      [249.6, 250],
      [0xffff, 0xffff],
      [70_000, 0xffff],
      [Number.POSITIVE_INFINITY, 0xffff],
      [-1, 0],
    ] as const)
      expect(told(ms)).toMatchObject([{ backlogMs }, { backlogMs }, { backlogMs }]);
  });

  it('F11: time stamps count tenths of a millisecond, modulo 2^32', () => {
    expect(TICKS_PER_MS).toBe(10);
    expect(toTicks(1234.56)).toBe(12_346);
    const wrap = 2 ** 32 / TICKS_PER_MS;
    expect(toTicks(wrap - 0.1)).toBe(0xffffffff);
    expect(toTicks(wrap)).toBe(0);
    expect(toTicks(wrap + 5)).toBe(50);
    expect(toTicks(3 * wrap + 5)).toBe(50);
  });

  it('F11: feedback is nine bytes without a segment header, and a shorter one is refused', () => {
    const bytes = encodeFrame({ type: 'feedback', sentAt: 0x01020304, delay: 0xfffffffe });
    expect([...bytes]).toEqual([7, 1, 2, 3, 4, 0xff, 0xff, 0xff, 0xfe]);
    for (let length = 1; length < bytes.length; length++)
      expect(decoded(bytes.subarray(0, length))).toEqual(refused('truncated'));
    expect(decoded(Uint8Array.of(...bytes, 1, 2))).toEqual(decoded(bytes));
  });

  it('F11: the time stamp of a piece frame follows the offset', () => {
    const bytes = encodeFrame(pieceFrame(Uint8Array.of(9), { sentAt: 0xa1b2c3d4, backlogMs: 0x0506 }));
    expect([...bytes.subarray(23)]).toEqual([0xa1, 0xb2, 0xc3, 0xd4, 5, 6, 9]);
    expect(bytes).toHaveLength(PIECE_HEADER + 1);
  });

  it('V2: bytes after the last field of a control frame are ignored', () => {
    const bytes = encodeFrame({ type: 'request', segment, pieces: PieceSet.full(3), withinMs: 77 });
    expect(decoded(new Uint8Array([...bytes, 1, 2, 3]))).toEqual(decoded(bytes));
  });
});
