import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bag } from './bag.ts';

describe('Bag', () => {
  it('behaves like a Set for any additions and deletions', () => {
    const step = fc.record({ adds: fc.boolean(), item: fc.nat(8) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const bag = new Bag<number>();
        const model = new Set<number>();
        for (const { adds, item } of steps) {
          if (adds) {
            bag.add(item);
            model.add(item);
          } else {
            bag.delete(item);
            model.delete(item);
          }
          expect(bag.size).toBe(model.size);
          expect([...bag].sort()).toEqual([...model].sort());
          expect(bag.has(item)).toBe(model.has(item));
        }
      }),
    );
  });

  it('draws each item with the same chance', () => {
    const bag = new Bag<string>();
    for (const item of ['a', 'b', 'c', 'd', 'e']) bag.add(item);
    bag.delete('b');
    const drawn = Array.from({ length: 8 }, (_, i) => bag.draw(i / 8));
    expect(drawn.sort()).toEqual(['a', 'a', 'c', 'c', 'd', 'd', 'e', 'e']);
  });

  it('draws nothing when it is empty', () => {
    const bag = new Bag<string>();
    expect(bag.draw(0)).toBeUndefined();
    bag.add('a');
    bag.delete('a');
    expect(bag.draw(0.99)).toBeUndefined();
  });
});
