import ipaddr from 'ipaddr.js';

/**
 * The network that limits count: IPv4 /24, IPv6 /48, as a customer of a provider may have all of its addresses.
 * @returns for example `203.0.113.0/24`; other text unchanged
 */
export function addressPrefix(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const plain = ipaddr.process(address);
  const bytes = plain.toByteArray();
  const kept = bytes.length === 4 ? 3 : 6;
  const network = ipaddr.fromByteArray(bytes.map((byte, i) => (i < kept ? byte : 0)));
  return `${network.toString()}/${kept * 8}`;
}
