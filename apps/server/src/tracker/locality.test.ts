import { describe, expect, it } from 'vitest';
import { localityOf } from './locality.ts';

describe('localityOf', () => {
  /** The number of levels that two addresses share. */
  const shared = (a: string, b: string) => {
    const [one = [], other = []] = [a, b].map((address) => localityOf(address)?.split('/'));
    return one.filter((name, i) => name === other[i]).length;
  };

  it.each([
    [2, '203.0.113.7', '203.0.113.200'],
    [2, '203.0.113.7', '::ffff:203.0.113.9'],
    [1, '203.0.113.7', '203.0.114.7'],
    [0, '203.0.113.7', '203.1.113.7'],
    [2, '2001:db8:aa:1::5', '2001:0DB8:00aa::'],
    [1, '2001:db8:aa::', '2001:db8::1'],
    [2, '2001:db8::1', '2001:db8:0:5::'],
    [0, '2001:db8::1', '::1'],
  ])('finds %i levels shared by %s and %s', (levels, a, b) => {
    expect(shared(a, b)).toBe(levels);
  });

  it('hides the address', () => {
    expect(localityOf('203.0.113.7')).toMatch(/^[0-9a-f]{8}\/[0-9a-f]{8}$/);
  });

  it('returns undefined for text that is not an address', () => {
    expect(localityOf('unknown')).toBeUndefined();
    expect(localityOf('')).toBeUndefined();
  });
});
