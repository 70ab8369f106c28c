import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentIdFromUrl } from './ids.ts';
import { LIMITS } from './limits.ts';
import { decodePieceList, encodePieceList, PIECE_LIST_BYTES, pieceListFile } from './piece-list.ts';
import { PIECE_HASH_BYTES, pieceCount } from './pieces.ts';

const hashesOf = (bytes: number) => new Uint8Array(pieceCount(bytes) * PIECE_HASH_BYTES).fill(bytes % 256);

describe('piece list', () => {
  it('P7: says of a segment what its announcement says, and is of bounded length', () => {
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

  it('P7: stands under a name that is no segment’s', () => {
    const file = pieceListFile({ epoch: 7, rendition: '0a0b0c0d', msn: 12 });
    expect(file).toBe('12.pieces?epoch=7');
    expect(segmentIdFromUrl(`https://host/live/demo/0a0b0c0d/${file}`)).toBeUndefined();
  });

  it('P7: whatever is no list says nothing, and reading it never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const list = decodePieceList(bytes);
        if (list !== undefined) expect(list.hashes.length).toBe(pieceCount(list.bytes) * PIECE_HASH_BYTES);
      }),
    );
    const sound = encodePieceList({ bytes: 40_000, durationMs: 2000, hashes: hashesOf(40_000) });
    expect(decodePieceList(sound)).toBeDefined();
    expect(decodePieceList(sound.subarray(0, -1))).toBeUndefined();
    expect(decodePieceList(sound.subarray(0, 7))).toBeUndefined();
    expect(decodePieceList(new Uint8Array(8))).toBeUndefined();
    expect(decodePieceList(sound.with(4, 255))).toBeUndefined();
    expect(decodePieceList(sound.with(0, 255))).toBeUndefined();
  });
});
