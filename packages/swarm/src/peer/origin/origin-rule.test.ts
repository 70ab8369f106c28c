import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leadMs } from '../estimates/lead-time.ts';
import { graceMs, injectionGraceMs, originDueAt, type OriginQuestion } from './origin-rule.ts';

const question: OriginQuestion = {
  now: 1000,
  deadline: 5000,
  needMs: 400,
  neighbours: 3,
  expecting: false,
  offered: false,
  expectedAt: undefined,
  graceEndsAt: 1800,
  neededAt: 5000,
  durationMs: 2000,
  rank: 0,
};
const hardAt = 5000 - leadMs(400);

describe('when missing pieces are fetched from the origin', () => {
  it.each<[string, Partial<OriginQuestion>, number]>([
    ['no neighbour to wait for: at once', { neighbours: 0 }, 1000],
    [
      'links are being made, which takes time: sooner',
      { neighbours: 0, expecting: true },
      5000 - leadMs(400 + 400),
    ],
    ['a neighbour offers them: at the hard limit', { offered: true }, hardAt],
    ['no neighbour offers them: the first of the election after the grace', {}, 1800],
    ['the third of the election two steps later', { rank: 2 }, 2300],
    ['the election never goes past the hard limit', { rank: 20 }, hardAt],
    ['not requested by the player, first of the election: a segment early', { deadline: undefined }, 1800],
    ['the same, but needed late', { deadline: undefined, neededAt: 9000 }, 9000 - leadMs(400) - 2000],
    ['not requested, not first: never', { deadline: undefined, rank: 1 }, Number.POSITIVE_INFINITY],
    ['not requested, no neighbours: never', { deadline: undefined, neighbours: 0 }, Number.POSITIVE_INFINITY],
    ['a neighbour delivers it early: at the hard limit', { offered: true, expectedAt: 2000 }, hardAt],
    [
      'another viewer delivers it in time: when it should be here',
      { needMs: 200, offered: true, expectedAt: 4500 },
      4500,
    ],
    [
      'another viewer delivers it too late for the origin to replace it',
      { offered: true, expectedAt: 4550 },
      hardAt,
    ],
    ['the same, but the origin would not be faster', { now: 4500, offered: true, expectedAt: 4650 }, 4650],
    ['another viewer has it from the origin soon', { now: 4500, expectedAt: 4690 }, 4690],
    ['an origin slower than the stream is not used ever earlier', { needMs: 9000 }, 5000 - leadMs(2000)],
    ['a neighbour should have delivered it already', { offered: true, expectedAt: 900 }, hardAt],
    [
      'a part: the margin is less than its duration',
      { offered: true, durationMs: 500 },
      5000 - 400 * 1.5 - 350,
    ],
    ['a deadline that passed: long due', { deadline: 900, offered: true }, 900 - leadMs(400)],
  ])('%s', (_, change, expected) => {
    expect(originDueAt({ ...question, ...change })).toBe(expected);
  });

  it('is never too late for a wanted piece, unless the origin would not be faster', () => {
    const some = fc.record({
      now: fc.nat(10_000),
      deadline: fc.nat(20_000),
      needMs: fc.nat(2000),
      neighbours: fc.nat(20),
      expecting: fc.boolean(),
      offered: fc.boolean(),
      expectedAt: fc.option(fc.nat(20_000), { nil: undefined }),
      graceEndsAt: fc.nat(30_000),
      neededAt: fc.nat(20_000),
      durationMs: fc.constant(2000),
      rank: fc.nat(20),
    });
    fc.assert(
      fc.property(some, (q) => {
        const dueAt = originDueAt(q);
        const alone = Math.max(q.now, q.deadline - q.needMs);
        const { expectedAt = Number.POSITIVE_INFINITY } = q;
        const notSooner = dueAt === Math.min(expectedAt, q.deadline) && expectedAt <= q.now + q.needMs;
        expect(dueAt).toBeLessThanOrEqual(Math.max(q.now, q.deadline));
        if (!notSooner) expect(dueAt).toBeLessThanOrEqual(alone);
        if (q.expectedAt === undefined)
          expect(dueAt).toBeLessThanOrEqual(Math.max(q.now, q.deadline - q.needMs));
      }),
    );
  });

  it('gives named injectors half of the time before the transfer has to start, or all but 2.5 s of it', () => {
    expect(injectionGraceMs(100, 2000, 3850)).toBe(1500);
    expect(injectionGraceMs(100, 2000, 6850)).toBe(3500);
    expect(injectionGraceMs(100, 2000, 30_000)).toBe(4000);
    expect(injectionGraceMs(100, 2000, 900)).toBe(graceMs(100, 2000));
    expect(injectionGraceMs(100, 2000, Number.POSITIVE_INFINITY)).toBe(graceMs(100, 2000));
  });

  it('gives injectors at least 300 ms and at most half a segment', () => {
    expect(graceMs(50, 2000)).toBe(375);
    expect(graceMs(5000, 2000)).toBe(1000);
    expect(graceMs(5000, 400)).toBe(300);
  });
});
