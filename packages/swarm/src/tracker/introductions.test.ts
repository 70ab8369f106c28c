import { beforeEach, describe, expect, it } from 'vitest';
import { Introductions } from './introductions.ts';

const RETRY_MS = 20_000;
const FORGET_MS = 600_000;
const nobodyLinked = () => false;
let met: Introductions;

beforeEach(() => {
  met = new Introductions();
});

/**
 * Introduces a pair, and `times` times again as soon as it may.
 * @returns the pauses in between.
 */
function pauses(times: number): readonly number[] {
  const waited: number[] = [];
  let now = 0;
  met.add('ann', 'bob', now, nobodyLinked);
  for (let i = 0; i < times; i++) {
    const since = now;
    while (!met.mayIntroduce('bob', 'ann', now)) now += 10_000;
    waited.push(now - since);
    met.add('ann', 'bob', now, nobodyLinked);
  }
  return waited;
}

describe('a pair that does not link', () => {
  it('is introduced six times at even intervals, then ever more rarely, until it is forgotten and starts anew', () => {
    const quick = Array.from({ length: 6 }, () => RETRY_MS);
    expect(pauses(12)).toEqual([...quick, 40_000, 80_000, 160_000, 320_000, FORGET_MS, RETRY_MS]);
  });

  it('is never introduced again when one accused the other', () => {
    met.add('ann', 'bob', 0, nobodyLinked);
    met.break('bob', 'ann');
    expect(met.mayIntroduce('ann', 'bob', 100 * FORGET_MS)).toBe(false);
    expect(met.mayIntroduce('ann', 'cy', 0)).toBe(true);
  });

  it('passes no signals once it is forgotten; linked and broken pairs are kept', () => {
    met.add('ann', 'bob', 0, nobodyLinked);
    met.add('ann', 'cy', 0, nobodyLinked);
    met.add('ann', 'dee', 0, nobodyLinked);
    met.break('ann', 'dee');
    const areLinked = (a: string, b: string) => a === 'ann' && b === 'cy';
    // Each call looks at the two oldest pairs.
    for (let i = 0; i < 2; i++) met.add('ann', `new-${i}`, FORGET_MS, areLinked);
    expect(met.has('ann', 'bob')).toBe(false);
    expect(met.has('bob', 'ann')).toBe(false);
    expect(met.has('ann', 'cy')).toBe(true);
    expect(met.mayIntroduce('ann', 'dee', 2 * FORGET_MS)).toBe(false);
  });
});

describe('a promised seat', () => {
  it('counts until the link is open, and for fifteen seconds at most', () => {
    met.add('ann', 'bob', 0, nobodyLinked);
    met.add('cy', 'ann', 5000, nobodyLinked);
    expect(met.promised('ann', new Set(), 5000)).toBe(2);
    expect(met.promised('ann', new Set(['bob']), 5000)).toBe(1);
    expect(met.promised('ann', new Set(), 15_000)).toBe(1);
    expect(met.promised('ann', new Set(), 20_000)).toBe(0);
    expect(met.promised('nobody', new Set(), 0)).toBe(0);
  });

  it('is released when the viewer that it was promised to leaves', () => {
    met.add('ann', 'bob', 0, nobodyLinked);
    met.forget('bob');
    expect(met.promised('ann', new Set(), 0)).toBe(0);
    expect(met.has('ann', 'bob')).toBe(false);
    expect(met.mayIntroduce('ann', 'bob', 0)).toBe(true);
  });
});
