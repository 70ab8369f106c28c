import { describe, expect, it } from 'vitest';
import { localityOf, viewerAddress } from './locality.ts';

describe('localityOf', () => {
  it.each([
    ['203.0.113.7', '203.0/113'],
    ['::ffff:203.0.113.7', '203.0/113'],
    ['2001:db8:aa:1::5', '2001:db8/aa'],
    ['2001:0DB8:00aa::', '2001:db8/aa'],
    ['2001:db8::1', '2001:db8/0'],
    ['::1', '0:0/0'],
  ])('takes %s to be in %s', (address, locality) => {
    expect(localityOf(address)).toBe(locality);
  });

  it('says nothing of what is no address', () => {
    expect(localityOf('unknown')).toBeUndefined();
    expect(localityOf('')).toBeUndefined();
  });
});

describe('viewerAddress', () => {
  const at = (forwarded: string | undefined, trustProxy: number) =>
    viewerAddress({ address: '10.0.0.1', headers: { 'x-forwarded-for': forwarded } }, trustProxy);

  it('believes as many proxies as are trusted, and no more', () => {
    expect(at('198.51.100.1, 203.0.113.7', 0)).toBe('10.0.0.1');
    expect(at('198.51.100.1, 203.0.113.7', 1)).toBe('203.0.113.7');
    expect(at('198.51.100.1, 203.0.113.7', 2)).toBe('198.51.100.1');
    expect(at('203.0.113.7', 5)).toBe('203.0.113.7');
    expect(at(undefined, 1)).toBe('10.0.0.1');
    expect(at(' , ', 1)).toBe('10.0.0.1');
  });
});
