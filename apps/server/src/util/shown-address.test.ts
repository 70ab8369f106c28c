import { expect, test } from 'vitest';
import { shownAddress } from './shown-address.ts';

test.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:DB8::6', '2001:db8::/48'],
  ['2001::2:3:4:5:6:7', '2001:0:2::/48'],
  ['::1', '::/48'],
  ['not an address', 'unknown'],
])('of %s the prefix is %s', (address, prefix) => {
  expect(shownAddress(address, 'prefix')).toBe(prefix);
  expect(shownAddress(address, 'none')).toBeUndefined();
  expect(shownAddress(address, 'full')).toBe(address);
});

test('without an address nothing is shown', () => {
  expect(shownAddress(undefined, 'full')).toBeUndefined();
});
