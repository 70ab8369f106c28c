import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { pieceBytes, pieceCount, pieceSize, pieceSpan } from './pieces.ts';

const KIB = 1024;
const anyBytes = fc.oneof(
  fc.integer({ min: 1, max: LIMITS.segmentBytes }),
  fc.integer({ min: 1, max: 3 * 1024 * KIB }),
  // Around the sizes at which the piece size changes.
  fc
    .tuple(fc.constantFrom(16, 512, 1024, 2048, 32 * 1024), fc.integer({ min: -2, max: 2 }))
    .map(([kib, more]) => Math.min(kib * KIB + more, LIMITS.segmentBytes)),
);

describe('pieces', () => {
  it('P1: the piece size is segment / 32, rounded up to a power of two, within 16 and 64 KiB', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const size = pieceSize(bytes);
        expect([16 * KIB, 32 * KIB, 64 * KIB]).toContain(size);
        if (size > 16 * KIB) expect(size / 2).toBeLessThan(bytes / 32);
        if (size < 64 * KIB) expect(size).toBeGreaterThanOrEqual(bytes / 32);
      }),
    );
    expect(pieceSize(512 * KIB)).toBe(16 * KIB);
    expect(pieceSize(512 * KIB + 1)).toBe(32 * KIB);
    expect(pieceSize(1024 * KIB + 1)).toBe(64 * KIB);
  });

  it('P2: the pieces cover the segment exactly, and none is empty', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        let end = 0;
        for (let piece = 0; piece < pieceCount(bytes); piece++) {
          const span = pieceSpan(bytes, piece);
          expect(span.start).toBe(end);
          expect(span.end - span.start).toBe(pieceBytes(bytes, piece));
          expect(pieceBytes(bytes, piece)).toBeGreaterThan(0);
          expect(pieceBytes(bytes, piece)).toBeLessThanOrEqual(pieceSize(bytes));
          end = span.end;
        }
        expect(end).toBe(bytes);
      }),
    );
  });

  it('P2: consecutive pieces are one span', () => {
    expect(pieceSpan(100_000, 1, 3)).toEqual({ start: 16_384, end: 65_536 });
    expect(pieceSpan(100_000, 5, 6)).toEqual({ start: 81_920, end: 100_000 });
  });

  it('P3: the longest segment has as many pieces as a bitmap can have bits', () => {
    expect(pieceCount(LIMITS.segmentBytes)).toBe(LIMITS.piecesPerSegment);
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(pieceCount(bytes)).toBeLessThanOrEqual(LIMITS.piecesPerSegment);
      }),
    );
  });
});
