import { describe, expect, it } from 'vitest';
import { backoff } from './backoff.ts';

describe('backoff', () => {
  it('grows from one second, and stays within 3 s early in an outage', () => {
    expect([1, 2, 3, 9].map((failures) => backoff(failures, 59_999, 0.5))).toEqual([1000, 2000, 2500, 2500]);
    expect(backoff(9, 59_999, 1)).toBeLessThanOrEqual(3000);
  });

  it('levels off at 15 s', () => {
    expect(backoff(9, 60_000, 0.5)).toBe(15_000);
    expect(backoff(1e9, 1e12, 0.5)).toBe(15_000);
  });

  it('varies by 20 % in both directions', () => {
    expect([0, 1].map((random) => backoff(1, 0, random))).toEqual([800, 1200]);
  });
});
