import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PieceSet } from './piece-set.ts';

type Step = { readonly add: boolean; readonly piece: number };
const anySteps = fc.integer({ min: 1, max: 100 }).chain((length) =>
  fc.record({
    length: fc.constant(length),
    steps: fc.array(fc.record<Step>({ add: fc.boolean(), piece: fc.nat(length - 1) }), { maxLength: 80 }),
  }),
);

function ascending(set: ReadonlySet<number>): readonly number[] {
  return [...set].sort((a, b) => a - b);
}

describe('PieceSet', () => {
  it('behaves like a Set of numbers', () => {
    fc.assert(
      fc.property(anySteps, ({ length, steps }) => {
        const set = new PieceSet(length);
        const model = new Set<number>();
        for (const { add, piece } of steps) {
          if (add) set.add(piece);
          else set.delete(piece);
          if (add) model.add(piece);
          else model.delete(piece);
          expect(set.has(piece)).toBe(model.has(piece));
          expect(set.size).toBe(model.size);
        }
        expect([...set]).toEqual(ascending(model));
        expect(set.isFull).toBe(model.size === length);
      }),
    );
  });

  it('F3: is restored unchanged from its bytes', () => {
    fc.assert(
      fc.property(anySteps, ({ length, steps }) => {
        const set = PieceSet.of(
          length,
          steps.map(({ piece }) => piece),
        );
        const back = PieceSet.fromBytes(length, set.toBytes());
        expect(back && [...back]).toEqual([...set]);
        expect(back?.size).toBe(set.size);
      }),
    );
  });

  it('F3: bytes of the wrong length, or with bits past the end, are refused as a bitmap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.uint8Array({ maxLength: 16 }), (length, bytes) => {
        const set = PieceSet.fromBytes(length, bytes);
        const past = bytes.some((byte, i) =>
          [0, 1, 2, 3, 4, 5, 6, 7].some((bit) => i * 8 + bit >= length && (byte & (1 << bit)) !== 0),
        );
        expect(set === undefined).toBe(bytes.length !== Math.ceil(length / 8) || past);
      }),
    );
  });

  it('throws on adding a piece outside the segment, and never has one', () => {
    const set = new PieceSet(10);
    for (const piece of [-1, 10, 16, Number.NaN])
      expect(() => {
        set.add(piece);
      }).toThrow(RangeError);
    expect(set.size).toBe(0);
    for (const piece of [-1, 10, 16, 1000]) expect(set.has(piece)).toBe(false);
  });

  it('counts the pieces that are in neither of two other sets', () => {
    const some = fc.array(fc.nat(69));
    fc.assert(
      fc.property(some, fc.option(some, { nil: undefined }), some, (mine, one, other) => {
        const beyond = mine.filter((piece) => !(one ?? []).includes(piece) && !other.includes(piece));
        const set = (of: readonly number[]) => PieceSet.of(70, of);
        expect(set(mine).countBeyond(one && set(one), set(other))).toBe(new Set(beyond).size);
      }),
    );
  });

  it('makes independent copies', () => {
    const set = PieceSet.full(9);
    const copy = set.copy();
    copy.delete(8);
    expect(set.isFull).toBe(true);
    expect([...copy]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
