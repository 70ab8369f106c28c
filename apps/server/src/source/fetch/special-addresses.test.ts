import { expect, it } from 'vitest';
import { addressReach } from './special-addresses.ts';

it.each([
  ['93.184.216.34', 'public'],
  ['172.32.0.1', 'public'],
  ['2606:2800:220:1::1', 'public'],
  ['10.1.2.3', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.0.1', 'private'],
  ['100.64.0.1', 'private'],
  ['198.19.255.255', 'private'],
  ['fd00::1', 'private'],
  ['fec0::1', 'private'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['::1', 'loopback'],
  ['169.254.169.254', 'link-local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['febf::1', 'link-local'],
  ['0.0.0.0', 'reserved'],
  ['0.1.2.3', 'reserved'],
  ['192.0.0.192', 'reserved'],
  ['192.0.2.1', 'reserved'],
  ['224.0.0.251', 'reserved'],
  ['239.1.2.3', 'reserved'],
  ['255.255.255.255', 'reserved'],
  ['::', 'reserved'],
  ['ff02::1', 'reserved'],
  ['2001:db8::1', 'reserved'],
  ['not an address', 'reserved'],
  ['', 'reserved'],
])('%s is %s', (address, reach) => {
  expect(addressReach(address)).toBe(reach);
});

it.each([
  ['IPv4-mapped', '::ffff:', ''],
  ['IPv4-translated', '::ffff:0:', ''],
  ['IPv4-compatible', '::', ''],
  ['NAT64', '64:ff9b::', ''],
  ['6to4', '2002:', '::1'],
])('%s addresses lead where the IPv4 address in them leads', (_name, before, after) => {
  const at = (hex: string) => addressReach(before + hex + after);
  expect(at('7f00:1')).toBe('loopback');
  expect(at('a9fe:a9fe')).toBe('link-local');
  expect(at('c0a8:1')).toBe('private');
  expect(at('e000:1')).toBe('reserved');
  expect(at('5db8:d822')).toBe('public');
});

it('knows embedded addresses in dotted notation too', () => {
  expect(addressReach('::ffff:127.0.0.1')).toBe('loopback');
  // Not parsed, which is as good.
  expect(addressReach('::127.0.0.1')).toBe('reserved');
});

it('trusts no address whose way is not known', () => {
  // Teredo, and NAT64 with a prefix of the network's own.
  expect(addressReach('2001:0:53aa:64c:0:fb8a:80ff:fffe')).toBe('reserved');
  expect(addressReach('64:ff9b:1::7f00:1')).toBe('reserved');
});
