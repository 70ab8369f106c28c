import { describe, expect, it } from 'vitest';
import { OriginEstimate } from './origin-estimate.ts';

describe('OriginEstimate', () => {
  it('returns a guess before the first measurement', () => {
    expect(new OriginEstimate().needMs(100_000)).toBe(600);
  });

  it('adopts the first transfer, and follows later ones gradually', () => {
    const estimate = new OriginEstimate();
    estimate.sample(100_000, 10, 60);
    // 10 ms, and two deviations of half of that.
    expect(estimate.needMs(100_000)).toBeCloseTo(20 + 50);
    estimate.sample(100_000, 110, 210);
    expect(estimate.needMs(100_000)).toBeCloseTo(40 + 2 * (5 + (100 - 5) / 4) + 100_000 / 1700);
  });

  it('does not mistake bytes that fit into TCP’s first window for a fast line', () => {
    const estimate = new OriginEstimate();
    estimate.sample(200_000, 0, 2000);
    for (let i = 0; i < 20; i++) estimate.sample(4000, 0, 1);
    expect(estimate.rate).toBeCloseTo(100);
    for (let i = 0; i < 20; i++) estimate.sample(4000, 0, 100);
    expect(estimate.rate).toBeCloseTo(40, 0);
  });

  it('adds this machine’s lag, which fades', () => {
    const estimate = new OriginEstimate();
    const need = estimate.needMs(0);
    estimate.lagged(400, 1000);
    expect(estimate.needMs(0)).toBeCloseTo(need + 400);
    estimate.lagged(0, 6000);
    expect(estimate.needMs(0)).toBeCloseTo(need + 200);
    estimate.lagged(60_000, 7000);
    expect(estimate.needMs(0)).toBeCloseTo(need + 2000);
  });

  it('ignores a transfer without bytes', () => {
    const estimate = new OriginEstimate();
    estimate.sample(0, 1, 1);
    expect(estimate.needMs(100_000)).toBe(600);
  });
});
