import { expect, test } from 'vitest';
import { reachOf } from './reach.ts';

test.each([
  ['public', ['8.8.8.8', '172.32.0.1', '2001:4860:4860::8888', '2a00::1']],
  ['local', ['10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1', '192.0.2.2', 'fd00::2', '2001:db8::1']],
  ['loopback', ['127.0.0.1', '127.255.0.1', '::1']],
  ['nowhere', ['0.0.0.0', '169.254.169.254', '224.0.0.251', '255.255.255.255', '240.0.0.1', '192.88.99.1']],
  ['nowhere', ['::', 'fe80::1', 'fe80::1%eth0', 'ff02::fb', 'fec0::1', '100::1']],
  // An IPv4 address inside: mapped, compatible, NAT64, 6to4, Teredo.
  [
    'nowhere',
    ['::ffff:127.0.0.1', '::ffff:a00:1', '::10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::1', '2001::1'],
  ],
  ['nowhere', ['', 'localhost', '1.2.3', '0x7f000001', '2130706433', '127.1', '8.8.8.8 ', '[::1]']],
] as const)('%s: %j', (reach, addresses) => {
  expect(addresses.map((address) => reachOf(address))).toEqual(addresses.map(() => reach));
});
