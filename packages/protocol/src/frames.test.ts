import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ControlFrame,
  decodeFrame,
  encodeFrame,
  type Frame,
  FRAME_PAYLOAD_BYTES,
  type RejectReason,
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
const anyReason = fc.constantFrom<RejectReason>('busy', 'absent', 'refused');

/** Frames with their bitmap as a plain list, so that a difference is readable. */
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.constant<Frame>({ type: 'bye' }),
  fc
    .tuple(anySegment, anyPieces, fc.constantFrom('have', 'fetching', 'cancel'))
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
  fc.tuple(anySegment, anyPieces, anyReason).map(([segment, { length, pieces }, reason]): Frame => ({
    type: 'reject',
    segment,
    pieces: PieceSet.of(length, pieces),
    reason,
  })),
  fc
    .tuple(
      anySegment,
      fc.nat(LIMITS.piecesPerSegment - 1),
      fc.nat(0xffffffff),
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
    )
    .map(([segment, piece, offset, payload]): Frame => ({ type: 'piece', segment, piece, offset, payload })),
);

const segment: SegmentId = { epoch: 0x01020304, rendition: '0badcafe', msn: 2 ** 40 + 5 };

function readable(frame: Frame): unknown {
  if (frame.type === 'bye') return frame;
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
});
/** `bytes` with one of them replaced. */
function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

describe('frames', () => {
  it('F1: what was written is read, for every type of frame, and no frame is too long', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const bytes = encodeFrame(frame);
        expect(bytes.length).toBeLessThanOrEqual(LIMITS.frameBytes);
        expect(decoded(bytes)).toEqual(readable(frame));
      }),
      { numRuns: 500 },
    );
  });

  it('F1: a frame may be exactly the limit, and not a byte longer', () => {
    const payload = new Uint8Array(FRAME_PAYLOAD_BYTES).fill(7);
    const bytes = encodeFrame({ type: 'piece', segment, piece: 511, offset: 0, payload });
    expect(bytes.length).toBe(LIMITS.frameBytes);
    expect(decodeFrame(bytes).ok).toBe(true);
    expect(decoded(new Uint8Array([...bytes, 0]))).toEqual(refused('too-long'));
  });

  it('F1: an unknown type and an empty message are refused', () => {
    for (let type = 7; type < 256; type++)
      expect(decoded(Uint8Array.of(type, 0, 0, 0))).toEqual(refused('unknown-type'));
    expect(decoded(new Uint8Array())).toEqual(refused('truncated'));
  });

  it('V3: no frame says a version: its type comes first, and a version before it is a fault', () => {
    const bytes = encodeFrame(have(8, [0, 7]));
    expect(bytes[0]).toBe(0);
    expect(decoded(Uint8Array.of(255, ...bytes))).toEqual(refused('unknown-type'));
  });

  it('F2: the segment stands in big-endian order behind the type', () => {
    const bytes = encodeFrame(have(8, [0, 7]));
    expect([...bytes]).toEqual([
      0, 1, 2, 3, 4, 0x0b, 0xad, 0xca, 0xfe, 0x01, 0, 0, 0, 0, 5, 0, 0, 0, 8, 0b1000_0001,
    ]);
  });

  it('F2: a frame cut anywhere is refused as truncated', () => {
    fc.assert(
      fc.property(anyFrame, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (frame, share) => {
        const bytes = encodeFrame(frame);
        // A piece frame may be cut inside its payload: the receiver sees the gap (F6).
        const least = frame.type === 'piece' ? bytes.length - frame.payload.length + 1 : bytes.length;
        expect(decoded(bytes.subarray(0, Math.floor(share * least)))).toEqual(refused('truncated'));
      }),
    );
  });

  it('F2: a part that no segment has is refused', () => {
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

  it('F3: a bitmap of no piece, or of more than a segment has, is refused', () => {
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

  it('F5: a reason that does not exist is refused', () => {
    const bytes = encodeFrame({ type: 'reject', segment, pieces: PieceSet.full(3), reason: 'refused' });
    expect(bytes.at(-1)).toBe(2);
    for (let reason = 3; reason < 256; reason++)
      expect(decoded(changed(bytes, bytes.length - 1, reason))).toEqual(refused('bad-reason'));
  });

  it('F6: a piece number that no segment has, and an empty payload, are refused', () => {
    const bytes = encodeFrame({ type: 'piece', segment, piece: 0, offset: 9, payload: Uint8Array.of(1) });
    expect(decoded(changed(bytes, 17, 2))).toEqual(refused('bad-piece'));
    expect(decoded(changed(bytes, 17, 1))).toMatchObject({ piece: 256, offset: 9, payload: [1] });
    expect(decoded(bytes.subarray(0, bytes.length - 1))).toEqual(refused('truncated'));
  });

  it('F7: bye is one byte', () => {
    expect([...encodeFrame({ type: 'bye' })]).toEqual([5]);
  });

  it('F8: the writer throws on what no reader takes', () => {
    const piece = (number: number, bytes: number) => () =>
      encodeFrame({ type: 'piece', segment, piece: number, offset: 0, payload: new Uint8Array(bytes) });
    expect(piece(0, FRAME_PAYLOAD_BYTES + 1)).toThrow(RangeError);
    expect(piece(0, 0)).toThrow(RangeError);
    expect(piece(LIMITS.piecesPerSegment, 1)).toThrow(RangeError);
    expect(() => encodeFrame(have(0, []))).toThrow(RangeError);
    expect(() => encodeFrame(have(LIMITS.piecesPerSegment + 1, []))).toThrow(RangeError);
  });

  it('F9: random bytes never throw, and what is read of them can be written again', () => {
    fc.assert(
      fc.property(fc.nat(8), fc.uint8Array({ maxLength: 120 }), (type, rest) => {
        const result = decodeFrame(Uint8Array.of(type, ...rest));
        if (result.ok) expect(decoded(encodeFrame(result.frame))).toEqual(readable(result.frame));
      }),
      { numRuns: 2000 },
    );
  });

  it('F9: a valid frame with changed bytes never throws', () => {
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

  it('F9: a frame inside a larger buffer is read where it stands', () => {
    const bytes = encodeFrame(have(20, [1, 19]));
    const larger = new Uint8Array(bytes.length + 10).fill(0xee);
    larger.set(bytes, 5);
    expect(decoded(larger.subarray(5, 5 + bytes.length))).toEqual(decoded(bytes));
  });

  it('V2: bytes after the last field of a control frame are ignored', () => {
    const bytes = encodeFrame({ type: 'request', segment, pieces: PieceSet.full(3), withinMs: 77 });
    expect(decoded(new Uint8Array([...bytes, 1, 2, 3]))).toEqual(decoded(bytes));
  });
});
