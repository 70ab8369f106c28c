import fc from 'fast-check';
import { pieceCount } from '@freshet/protocol';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { chooseInjectors } from './choose-injectors.ts';
import { TrackedPeer } from './tracked-peer.ts';

const peersAt = (joinedAt: number, count: number) =>
  Array.from({ length: count }, (_, i) => new TrackedPeer(`peer-${joinedAt}-${i}`, joinedAt));

describe('chooseInjectors', () => {
  it('splits exactly one copy, whatever the size and the crowd', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 32 * 2 ** 20 }),
        fc.integer({ min: 1, max: 30 }),
        (bytes, crowd) => {
          const chosen = chooseInjectors(peersAt(0, crowd), bytes, 10_000, seededRandom(1));
          const pieces = chosen.flatMap(({ first, count }) =>
            Array.from({ length: count }, (_, i) => first + i),
          );
          expect(pieces).toEqual(Array.from({ length: pieceCount(bytes) }, (_, i) => i));
          expect(new Set(chosen.map(({ peer }) => peer)).size).toBe(chosen.length);
        },
      ),
    );
  });

  it('names nobody when nobody is there', () => {
    expect(chooseInjectors([], 100_000, 0, seededRandom(1))).toEqual([]);
  });

  it('asks settled viewers before newcomers', () => {
    const newcomers = peersAt(9000, 6);
    const settled = peersAt(0, 2);
    const chosen = chooseInjectors([...newcomers, ...settled], 110_000, 10_000, seededRandom(1));
    expect(chosen.map(({ peer }) => peer).sort()).toEqual(settled.map(({ id }) => id));
  });

  it('lets the turn go round', () => {
    const peers = peersAt(0, 8);
    const turns = new Map<string, number>();
    for (let i = 0; i < 40; i++) {
      for (const { peer } of chooseInjectors(peers, 110_000, 10_000, seededRandom(i))) {
        turns.set(peer, (turns.get(peer) ?? 0) + 1);
      }
    }
    expect(Math.max(...turns.values()) - Math.min(...turns.values())).toBeLessThanOrEqual(2);
  });
});
