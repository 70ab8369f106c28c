import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentIdFromUrl } from './ids.ts';
import { LIMITS } from './limits.ts';
import { decodePieceList, encodePieceList, PIECE_LIST_BYTES, pieceListFile } from './piece-list.ts';
import { PIECE_HASH_BYTES, pieceCount } from './pieces.ts';

const hashesOf = (bytes: number) => new Uint8Array(pieceCount(bytes) * PIECE_HASH_BYTES).fill(bytes % 256);

describe('piece list', () => {
  it('P7: has the content of the announcement and a bounded length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LIMITS.segmentBytes }), fc.nat(600_000), (bytes, durationMs) => {
        const list = { bytes, durationMs, hashes: hashesOf(bytes) };
        const encoded = encodePieceList(list);
        expect(encoded.length).toBeLessThanOrEqual(PIECE_LIST_BYTES);
        expect(decodePieceList(encoded)).toEqual(list);
      }),
    );
    expect(encodePieceList({ bytes: 1, durationMs: 1.6, hashes: hashesOf(1) })[7]).toBe(2);
  });

  it('P8: has the size, duration and hashes of each part of a segment', () => {
    const parts = [
      { bytes: 20_000, durationMs: 500 },
      { bytes: 16_000, durationMs: 480 },
    ];
    const hashes = Uint8Array.from({ length: 3 * PIECE_HASH_BYTES }, (_, i) => i);
    const list = { bytes: 36_000, durationMs: 980, hashes, parts };
    const encoded = encodePieceList(list);
    expect(decodePieceList(encoded)).toEqual(list);
    // A count of one part more than the list has, a part of 0 bytes, and parts that do not add up to the segment.
    expect(decodePieceList(encoded.with(9, 3))).toBeUndefined();
    expect(decodePieceList(encodePieceList({ ...list, bytes: 36_001 }))).toBeUndefined();
    const empty = [...parts, { bytes: 0, durationMs: 10 }];
    expect(decodePieceList(encodePieceList({ ...list, parts: empty }))).toBeUndefined();
  });

  it('P8: stays within its bound for the longest segment with the most parts', () => {
    const count = LIMITS.partsPerSegment;
    const bytes = Math.floor(LIMITS.segmentBytes / count);
    const parts = Array.from({ length: count }, () => ({ bytes, durationMs: 20 }));
    const hashes = new Uint8Array(count * pieceCount(bytes) * PIECE_HASH_BYTES);
    const encoded = encodePieceList({ bytes: bytes * count, durationMs: 4000, hashes, parts });
    expect(encoded.length).toBeLessThanOrEqual(PIECE_LIST_BYTES);
    expect(decodePieceList(encoded)?.parts).toHaveLength(count);
  });

  it('P7: has a file name that is not taken for a segment', () => {
    const file = pieceListFile({ epoch: 7, rendition: '0a0b0c0d', msn: 12 });
    expect(file).toBe('12.pieces?epoch=7');
    expect(segmentIdFromUrl(`https://host/live/demo/0a0b0c0d/${file}`)).toBeUndefined();
  });

  it('P7: invalid bytes are no list, and reading them never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const list = decodePieceList(bytes);
        if (list?.parts === undefined && list !== undefined)
          expect(list.hashes.length).toBe(pieceCount(list.bytes) * PIECE_HASH_BYTES);
      }),
    );
    const sound = encodePieceList({ bytes: 40_000, durationMs: 2000, hashes: hashesOf(40_000) });
    expect(decodePieceList(sound)).toBeDefined();
    expect(decodePieceList(sound.subarray(0, -1))).toBeUndefined();
    expect(decodePieceList(sound.subarray(0, 7))).toBeUndefined();
    expect(decodePieceList(new Uint8Array(10))).toBeUndefined();
    expect(decodePieceList(sound.with(4, 255))).toBeUndefined();
    expect(decodePieceList(sound.with(0, 255))).toBeUndefined();
  });
});
