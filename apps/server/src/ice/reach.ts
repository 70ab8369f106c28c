import { BlockList, isIP } from 'node:net';

/**
 * From where an address can be reached: everywhere; in its own network alone (private, carrier-grade NAT,
 * documentation and benchmark ranges); on its own machine alone; or never by another viewer.
 */
export type Reach = 'public' | 'local' | 'loopback' | 'nowhere';

/** The special-purpose registries of IANA (RFC 6890 and later). */
const LOCAL = blockList(
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['fc00::', 7],
  ['2001:db8::', 32],
  ['3fff::', 20],
);
const LOOPBACK = blockList(['127.0.0.0', 8], ['::1', 128]);
/** This network, link-local, protocol assignments, the 6to4 anycast prefix, multicast, and reserved with broadcast. */
const NOWHERE_IPV4 = blockList(
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.88.99.0', 24],
  ['224.0.0.0', 3],
);
/** All that IANA has given to hosts. IPv4-mapped addresses, NAT64, link-local and multicast are outside. */
const GLOBAL_UNICAST = blockList(['2000::', 3]);
/** Teredo and other protocol assignments, and 6to4: an IPv4 address of any range may be inside. */
const NOWHERE_IPV6 = blockList(['2001::', 23], ['2002::', 16]);
/** To BlockList these are IPv4 addresses. As a candidate no viewer has one. */
const MAPPED = blockList(['::ffff:0:0', 96]);

/** @returns `nowhere` also for text that is not an address, and for an address with a zone */
export function reachOf(address: string): Reach {
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return 'nowhere';
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (family === 'ipv6' && MAPPED.check(address, family)) return 'nowhere';
  if (LOOPBACK.check(address, family)) return 'loopback';
  if (LOCAL.check(address, family)) return 'local';
  const isPublic =
    family === 'ipv4'
      ? !NOWHERE_IPV4.check(address, family)
      : GLOBAL_UNICAST.check(address, family) && !NOWHERE_IPV6.check(address, family);
  return isPublic ? 'public' : 'nowhere';
}

function blockList(...subnets: readonly (readonly [address: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets)
    list.addSubnet(address, prefix, address.includes(':') ? 'ipv6' : 'ipv4');
  return list;
}
