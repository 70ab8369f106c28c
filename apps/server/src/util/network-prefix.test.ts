import { describe, expect, it } from 'vitest';
import { networkPrefix } from './network-prefix.ts';

describe('networkPrefix', () => {
  it.each([
    ['203.0.113.7', '203.0.113.0/24'],
    ['::ffff:203.0.113.9', '203.0.113.0/24'],
    ['::ffff:cb00:7109', '203.0.113.0/24'],
    ['127.0.0.1', '127.0.0.0/24'],
    ['2001:db8:aa:1::5', '2001:db8:aa::/48'],
    ['2001:0DB8:00aa::', '2001:db8:aa::/48'],
    ['2001:db8:aa:1::192.0.2.1', '2001:db8:aa::/48'],
    ['fe80::1%eth0', 'fe80::/48'],
    ['::1', '::/48'],
  ])('finds the network of %s', (address, prefix) => {
    expect(networkPrefix(address, { v4: 24, v6: 48 })).toBe(prefix);
  });

  it('takes any number of bits', () => {
    expect(networkPrefix('203.0.113.255', { v4: 32, v6: 0 })).toBe('203.0.113.255/32');
    expect(networkPrefix('203.0.113.255', { v4: 30, v6: 0 })).toBe('203.0.113.252/30');
    expect(networkPrefix('203.0.113.255', { v4: 0, v6: 0 })).toBe('0.0.0.0/0');
    expect(networkPrefix('1:2:3:4:5:6:7:f', { v4: 0, v6: 128 })).toBe('1:2:3:4:5:6:7:f/128');
    expect(networkPrefix('2001:db8:aa:ffff::', { v4: 0, v6: 56 })).toBe('2001:db8:aa:ff00::/56');
  });

  it.each(['', 'unknown', '203.0.113', '1.2.3.4:80', '[::1]', ':::', '1:'.repeat(5000)])(
    'finds none for text that is not an address (%#)',
    (text) => {
      expect(networkPrefix(text, { v4: 24, v6: 48 })).toBeUndefined();
    },
  );
});
