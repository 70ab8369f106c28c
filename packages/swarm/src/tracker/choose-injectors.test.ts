import fc from 'fast-check';
import { pieceCount } from '@freshet/protocol';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { chooseInjectors } from './choose-injectors.ts';
import { TrackedPeer } from './tracked-peer.ts';

const load = (bytes: number) => ({ bytes, durationMs: 2000 });
const peersAt = (joinedAt: number, count: number) =>
  Array.from({ length: count }, (_, i) => new TrackedPeer(`peer-${joinedAt}-${i}`, joinedAt));

describe('chooseInjectors', () => {
  it('splits exactly one copy, whatever the size and the crowd', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 32 * 2 ** 20 }),
        fc.integer({ min: 1, max: 30 }),
        (bytes, crowd) => {
          const chosen = chooseInjectors(peersAt(0, crowd), load(bytes), 10_000, seededRandom(1));
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
    expect(chooseInjectors([], load(100_000), 0, seededRandom(1))).toEqual([]);
  });

  it('asks settled viewers before newcomers', () => {
    const newcomers = peersAt(9000, 6);
    const settled = peersAt(0, 2);
    const chosen = chooseInjectors([...newcomers, ...settled], load(110_000), 10_000, seededRandom(1));
    expect(chosen.map(({ peer }) => peer).sort()).toEqual(settled.map(({ id }) => id));
  });

  it('lets the turn go round', () => {
    const peers = peersAt(0, 8);
    const turns = new Map<string, number>();
    for (let i = 0; i < 40; i++) {
      for (const { peer } of chooseInjectors(peers, load(110_000), 10_000, seededRandom(i))) {
        turns.set(peer, (turns.get(peer) ?? 0) + 1);
      }
    }
    expect(Math.max(...turns.values()) - Math.min(...turns.values())).toBeLessThanOrEqual(2);
  });

  it('asks those less often whose uplink is thin, and nobody more often for what it says of a fast one', () => {
    const peers = peersAt(0, 8);
    const [thin, boaster] = peers;
    thin?.learnRecord({ uplinkKbps: 450 }, 0);
    boaster?.learnRecord({ uplinkKbps: 9_000_000 }, 0);
    const turns = new Map<string, number>();
    for (let i = 0; i < 200; i++) {
      for (const { peer } of chooseInjectors(peers, load(110_000), 10_000, seededRandom(i))) {
        turns.set(peer, (turns.get(peer) ?? 0) + 1);
      }
    }
    const of = (peer: TrackedPeer | undefined) => turns.get(peer?.id ?? '') ?? 0;
    const usual = of(peers[5]);
    expect(of(thin)).toBeLessThan(usual * 0.4);
    expect(of(thin)).toBeGreaterThan(0);
    expect(of(boaster)).toBeGreaterThan(usual * 0.8);
    expect(of(boaster)).toBeLessThan(usual * 1.2);
  });

  it('passes over who was late, for longer each time, and asks it when there is nobody else', () => {
    const peers = peersAt(0, 6);
    const [late] = peers;
    const asked = (now: number) =>
      Array.from({ length: 20 }, () => chooseInjectors(peers, load(110_000), now, seededRandom(now)))
        .flat()
        .some(({ peer }) => peer === late?.id);
    late?.learnRecord({ lateInjections: 3 }, 10_000);
    late?.learnRecord({ lateInjections: 3 }, 29_000);
    expect(asked(29_999)).toBe(false);
    expect(asked(30_000)).toBe(true);
    late?.learnRecord({ lateInjections: 4 }, 40_000);
    expect(asked(79_999)).toBe(false);
    expect(asked(80_000)).toBe(true);
    late?.learnRecord({ lateInjections: 5 }, 100_000);
    const alone = late === undefined ? [] : [late];
    expect(chooseInjectors(alone, load(110_000), 100_001, seededRandom(1))).toHaveLength(1);
  });
});
