import { describe, expect, it } from 'vitest';
import { rendezvousRank } from './rendezvous.ts';

const peers = Array.from({ length: 8 }, (_, i) => `peer-${i}`);

describe('rendezvousRank', () => {
  it('gives every peer of a full mesh a different rank', () => {
    const ranks = peers.map((self) =>
      rendezvousRank(
        '7/abcd0123/5',
        self,
        peers.filter((p) => p !== self),
      ),
    );
    expect([...ranks].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('spreads rank 0 over the peers from segment to segment', () => {
    const firsts = new Map<string, number>();
    for (let msn = 0; msn < 800; msn++) {
      const first = peers.find(
        (self) =>
          rendezvousRank(
            `7/abcd0123/${msn}`,
            self,
            peers.filter((p) => p !== self),
          ) === 0,
      );
      firsts.set(first ?? '', (firsts.get(first ?? '') ?? 0) + 1);
    }
    expect(firsts.size).toBe(8);
    for (const count of firsts.values()) expect(count).toBeGreaterThan(50);
  });
});
