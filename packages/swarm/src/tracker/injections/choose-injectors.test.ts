import fc from 'fast-check';
import { pieceCount } from '@freshet/protocol';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../util/random.ts';
import { chooseInjectors } from './choose-injectors.ts';
import { TrackedPeer } from '../cells/tracked-peer.ts';

const load = (bytes: number) => ({ bytes, durationMs: 2000 });
const peersAt = (joinedAt: number, count: number) =>
  Array.from({ length: count }, (_, i) => new TrackedPeer(`peer-${joinedAt}-${i}`, joinedAt));

describe('chooseInjectors', () => {
  it('splits exactly one copy, for any size and number of viewers', () => {
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

  it('names no injector when there are no candidates', () => {
    expect(chooseInjectors([], load(100_000), 0, seededRandom(1))).toEqual([]);
  });

  it('asks settled viewers before newcomers', () => {
    const newcomers = peersAt(9000, 6);
    const settled = peersAt(0, 3);
    const chosen = chooseInjectors([...newcomers, ...settled], load(110_000), 10_000, seededRandom(1));
    expect(chosen.map(({ peer }) => peer).sort()).toEqual(settled.map(({ id }) => id));
  });

  /** The pieces that each peer is asked to inject over many segments. */
  function injected(
    peers: readonly TrackedPeer[],
    segments: number,
  ): (peer: TrackedPeer | undefined) => number {
    const pieces = new Map<string, number>();
    for (let i = 0; i < segments; i++)
      for (const { peer, count } of chooseInjectors(peers, load(110_000), 10_000, seededRandom(i)))
        pieces.set(peer, (pieces.get(peer) ?? 0) + count);
    return (peer) => pieces.get(peer?.id ?? '') ?? 0;
  }

  it('distributes the pieces evenly over unmeasured uplinks', () => {
    const peers = peersAt(0, 8);
    const of = injected(peers, 40);
    const counts = peers.map(of);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(4);
  });

  it('assigns pieces in proportion to the uplink, up to an uplink of two copies', () => {
    const peers = peersAt(0, 6);
    const [thin, middle, fast, boaster] = peers;
    // The stream has 440 kbit/s.
    thin?.learnRecord({ uplinkKbps: 132 }, 0);
    middle?.learnRecord({ uplinkKbps: 440 }, 0);
    fast?.learnRecord({ uplinkKbps: 880 }, 0);
    boaster?.learnRecord({ uplinkKbps: 9_000_000 }, 0);
    const of = injected(peers, 400);
    expect(of(thin) / of(middle)).toBeCloseTo(0.3, 1);
    expect(of(fast) / of(middle)).toBeCloseTo(2, 1);
    expect(of(boaster) / of(fast)).toBeCloseTo(1, 1);
  });

  it('asks a newcomer for no more than the others, however much they injected before', () => {
    const peers = peersAt(0, 6);
    injected(peers, 400);
    const newcomer = new TrackedPeer('newcomer', 1000);
    const of = injected([...peers, newcomer], 10);
    expect(of(newcomer)).toBeLessThanOrEqual(2 * (of(peers[0]) + 1));
  });

  it('passes over a viewer whose links only it reports, and asks it when there is no other', () => {
    const [liar, ...others] = peersAt(0, 7);
    if (liar === undefined) throw new Error('no peer');
    liar.learnNeighbours(['stranger'], 5000);
    liar.learnRecord({ uplinkKbps: 1e6 }, 0);
    for (let i = 0; i < 20; i++)
      expect(
        chooseInjectors([liar, ...others], load(110_000), 10_000, seededRandom(i)).map(({ peer }) => peer),
      ).not.toContain(liar.id);
    expect(chooseInjectors([liar], load(110_000), 10_000, seededRandom(1))).toHaveLength(1);
  });

  it('passes over a late viewer, for longer each time, and asks it when there is no other', () => {
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
