import { expect, it } from 'vitest';
import { addressPrefix } from './address-prefix.ts';

it.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:aa:1::5', '2001:db8:aa::/48'],
  ['::1', '::/48'],
  ['', ''],
  ['unknown', 'unknown'],
])('%s is in %s', (address, prefix) => {
  expect(addressPrefix(address)).toBe(prefix);
});
