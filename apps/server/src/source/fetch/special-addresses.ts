import ipaddr from 'ipaddr.js';

/**
 * How far an address reaches. `loopback`: this machine; `private`: networks of its owner; `link-local`: a class of its
 * own, because cloud machines serve their credentials there; `reserved`: not the address of one host on the internet.
 */
export type AddressReach = 'public' | 'private' | 'loopback' | 'link-local' | 'reserved';

type Ipv4 = ReturnType<typeof ipaddr.IPv4.parse>;
type Ipv6 = ReturnType<typeof ipaddr.IPv6.parse>;

/**
 * All ranges that are not public, from the IANA special-purpose address registries (RFC 6890;
 * iana.org/assignments/iana-ipv4-special-registry and -ipv6-special-registry) and the multicast registries.
 */
const IPV4: readonly (readonly [range: string, reach: AddressReach])[] = [
  ['0.0.0.0/8', 'reserved'], // "this network", RFC 791; Linux connects 0.0.0.0 to itself
  ['10.0.0.0/8', 'private'], // RFC 1918
  ['100.64.0.0/10', 'private'], // carrier-grade NAT, RFC 6598
  ['127.0.0.0/8', 'loopback'], // RFC 1122
  ['169.254.0.0/16', 'link-local'], // RFC 3927
  ['172.16.0.0/12', 'private'], // RFC 1918
  ['192.0.0.0/24', 'reserved'], // IETF protocol assignments, RFC 6890
  ['192.0.2.0/24', 'reserved'], // documentation, RFC 5737
  ['192.31.196.0/24', 'reserved'], // AS112, RFC 7535
  ['192.52.193.0/24', 'reserved'], // AMT, RFC 7450
  ['192.88.99.0/24', 'reserved'], // 6to4 relay anycast, RFC 7526
  ['192.168.0.0/16', 'private'], // RFC 1918
  ['192.175.48.0/24', 'reserved'], // AS112, RFC 7534
  ['198.18.0.0/15', 'private'], // benchmarks, RFC 2544
  ['198.51.100.0/24', 'reserved'], // documentation, RFC 5737
  ['203.0.113.0/24', 'reserved'], // documentation, RFC 5737
  ['224.0.0.0/4', 'reserved'], // multicast, RFC 5771
  ['240.0.0.0/4', 'reserved'], // future use and broadcast, RFC 1112, RFC 919
];

const IPV6: readonly (readonly [range: string, reach: AddressReach])[] = [
  ['::/128', 'reserved'], // unspecified, RFC 4291; Linux connects it to itself
  ['::1/128', 'loopback'], // RFC 4291
  ['64:ff9b:1::/48', 'reserved'], // local NAT64, RFC 8215: where the IPv4 address stands is up to the network
  ['100::/64', 'reserved'], // discard, RFC 6666
  ['2001::/23', 'reserved'], // IETF protocol assignments, RFC 2928; Teredo (RFC 4380), ORCHID, benchmarks
  ['2001:db8::/32', 'reserved'], // documentation, RFC 3849
  ['2620:4f:8000::/48', 'reserved'], // AS112, RFC 7534
  ['3fff::/20', 'reserved'], // documentation, RFC 9637
  ['5f00::/16', 'reserved'], // segment routing, RFC 9602
  ['fc00::/7', 'private'], // unique local, RFC 4193
  ['fe80::/10', 'link-local'], // RFC 4291
  ['fec0::/10', 'private'], // site-local, RFC 3879
  ['ff00::/8', 'reserved'], // multicast, RFC 4291
];

/** Ranges whose addresses contain an IPv4 address, which they lead to, and the byte at which it begins. */
const EMBEDDED: readonly (readonly [range: string, at: number])[] = [
  ['::ffff:0:0/96', 12], // IPv4-mapped, RFC 4291
  ['::ffff:0:0:0/96', 12], // IPv4-translated, RFC 2765
  ['::/96', 12], // IPv4-compatible, RFC 4291
  ['64:ff9b::/96', 12], // NAT64, RFC 6052
  ['2002::/16', 2], // 6to4, RFC 3056
];

const RANGES_4 = IPV4.map(([range, reach]) => ({ range: ipaddr.IPv4.parseCIDR(range), reach }));
const RANGES_6 = IPV6.map(([range, reach]) => ({ range: ipaddr.IPv6.parseCIDR(range), reach }));
const RANGES_EMBEDDED = EMBEDDED.map(([range, at]) => ({ range: ipaddr.IPv6.parseCIDR(range), at }));

/** @param address an IP address; other text counts as `reserved` */
export function addressReach(address: string): AddressReach {
  if (!ipaddr.isValid(address)) return 'reserved';
  const parsed = ipaddr.parse(address);
  return isIpv4(parsed) ? reachOf4(parsed) : reachOf6(parsed);
}

function isIpv4(address: Ipv4 | Ipv6): address is Ipv4 {
  return address.kind() === 'ipv4';
}

function reachOf4(address: Ipv4): AddressReach {
  return RANGES_4.find(({ range }) => address.match(range))?.reach ?? 'public';
}

function reachOf6(address: Ipv6): AddressReach {
  const special = RANGES_6.find(({ range }) => address.match(range));
  if (special !== undefined) return special.reach;
  const embedded = RANGES_EMBEDDED.find(({ range }) => address.match(range));
  if (embedded === undefined) return 'public';
  const { at } = embedded;
  return reachOf4(new ipaddr.IPv4(address.toByteArray().slice(at, at + 4)));
}
