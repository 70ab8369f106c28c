import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  it('allows a burst, then limits the rate', () => {
    const bucket = new TokenBucket(10, 100, 0);
    expect(bucket.take(100, 0)).toBe(true);
    expect(bucket.take(50, 0)).toBe(false);
    expect(bucket.availableAt(0)).toBe(1);
    expect(bucket.take(50, 5)).toBe(true);
  });

  it('is never available at rate 0', () => {
    const bucket = new TokenBucket(0, 0, 0);
    expect(bucket.take(1, 1000)).toBe(false);
    expect(bucket.availableAt(1000)).toBe(Number.POSITIVE_INFINITY);
    expect(bucket.delayFor(1, 1000)).toBe(Number.POSITIVE_INFINITY);
  });

  it('never grants more than burst, rate and one debt allow', () => {
    const takes = fc.array(fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 500 })), { maxLength: 100 });
    fc.assert(
      fc.property(takes, (steps) => {
        const bucket = new TokenBucket(5, 200, 0);
        let now = 0;
        let granted = 0;
        for (const [wait, amount] of steps) {
          now += wait;
          if (bucket.take(amount, now)) granted += amount;
        }
        expect(granted).toBeLessThanOrEqual(200 + 5 * now + 500);
      }),
    );
  });

  it('returns the time of the next grant', () => {
    const bucket = new TokenBucket(3, 10, 0);
    bucket.take(1000, 0);
    const at = bucket.availableAt(0);
    expect(bucket.take(1, at - 2)).toBe(false);
    expect(bucket.take(1, at)).toBe(true);
  });
});
