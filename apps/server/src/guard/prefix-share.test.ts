import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PrefixShare, type Release } from './prefix-share.ts';

/** The number of places that a prefix gets when it takes all that it can. */
function takeAll(share: PrefixShare, prefix: string): number {
  let count = 0;
  while (share.take(prefix) !== undefined) count++;
  return count;
}

it('gives 2,000 viewers of one network a place each on a server with room', () => {
  const share = new PrefixShare(10_000);
  for (let viewer = 0; viewer < 2000; viewer++) expect(share.take('203.0.113.0/24')).toBeDefined();
});

it('gives one prefix four fifths, and keeps places for others', () => {
  const refused: string[] = [];
  const share = new PrefixShare(100, (shortage) => refused.push(shortage));
  expect(takeAll(share, 'a')).toBe(81);
  expect(refused).toEqual(['prefix']);
  expect(takeAll(share, 'b')).toBe(16);
  for (const newcomer of ['c', 'd', 'e']) expect(share.take(newcomer)).toBeDefined();
  expect(share.take('f')).toBeUndefined();
  expect(refused.at(-1)).toBe('whole');
});

it('a small limit is usable by one prefix alone', () => {
  for (const limit of [1, 2, 3, 4, 5]) expect(takeAll(new PrefixShare(limit), 'a')).toBe(limit);
});

it('takes places back once', () => {
  const share = new PrefixShare(2);
  const [first] = [share.take('a'), share.take('a')];
  first?.();
  first?.();
  expect(share.taken).toBe(1);
  expect(share.take('b')).toBeDefined();
});

it('never exceeds the limit, and is empty when all places are given back', () => {
  const step = fc.record({ prefix: fc.constantFrom('a', 'b', 'c'), takes: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 200 }), (limit, steps) => {
      const share = new PrefixShare(limit);
      const held: Release[] = [];
      for (const { prefix, takes } of steps) {
        if (takes) {
          const release = share.take(prefix);
          if (release !== undefined) held.push(release);
        } else held.shift()?.();
        expect(share.taken).toBe(held.length);
        expect(held.length).toBeLessThanOrEqual(limit);
      }
      for (const release of held) release();
      expect(share.taken).toBe(0);
      expect(share.take('d')).toBeDefined();
    }),
  );
});
