import { pieceCount, pieceSpan } from '@freshet/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PieceSplitter } from './piece-splitter.ts';

test('cuts bytes into the requested pieces in order, however they arrive', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200_000 }),
      fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 12 }),
      fc.nat(20),
      fc.nat(20),
      (bytes, chunks, a, b) => {
        const count = pieceCount(bytes);
        const [first, last] = [Math.min(a, b) % count, count - 1 - (Math.max(a, b) % count)];
        if (first > last) return;
        const segment = Uint8Array.from({ length: bytes }, (_, i) => (i * 31) & 0xff);
        const { start, end } = pieceSpan(bytes, first, last);
        const run = segment.subarray(start, end);
        const splitter = new PieceSplitter(bytes, first, last);
        const cut = [];
        let at = 0;
        for (const size of [...chunks, run.length]) {
          cut.push(...splitter.push(run.subarray(at, at + size)));
          at = Math.min(run.length, at + size);
        }
        expect(cut.map(({ piece }) => piece)).toEqual(
          Array.from({ length: last - first + 1 }, (_, i) => first + i),
        );
        for (const { piece, bytes: part } of cut) {
          const span = pieceSpan(bytes, piece);
          expect(Buffer.compare(part, segment.subarray(span.start, span.end))).toBe(0);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('drops bytes past the last piece', () => {
  const splitter = new PieceSplitter(20_000, 0, 0);
  expect(splitter.push(new Uint8Array(20_000)).map(({ piece }) => piece)).toEqual([0]);
  expect(splitter.push(new Uint8Array(20_000))).toEqual([]);
});
