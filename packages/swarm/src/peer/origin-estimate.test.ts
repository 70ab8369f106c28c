import { describe, expect, it } from 'vitest';
import { OriginEstimate } from './origin-estimate.ts';

describe('OriginEstimate', () => {
  it('guesses until something was measured', () => {
    expect(new OriginEstimate().needMs(100_000)).toBe(600);
  });

  it('takes the first transfer at its word, later ones by and by', () => {
    const estimate = new OriginEstimate();
    estimate.sample(100_000, 10, 60);
    expect(estimate.needMs(100_000)).toBeCloseTo(60);
    estimate.sample(100_000, 110, 210);
    expect(estimate.needMs(100_000)).toBeCloseTo(40 + 100_000 / 1700);
  });

  it('learns nothing from a transfer that brought nothing', () => {
    const estimate = new OriginEstimate();
    estimate.sample(0, 1, 1);
    expect(estimate.needMs(100_000)).toBe(600);
  });
});
