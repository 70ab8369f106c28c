import type { Policy } from '@freshet/protocol';

type Servers = Policy['iceServers'];

/**
 * The servers that find direct paths, without relays. A TURN server answers STUN at the same port (RFC 8656, section
 * 3): a broadcaster that names a TURN server alone has named a STUN server, too. One that does not answer delays
 * nothing.
 */
export function directServers(servers: Servers): Servers {
  return servers.map(({ urls }) => ({ urls: urls.replace(/^turns?(:[^?]+).*/, 'stun$1') }));
}

export function hasRelays(servers: Servers): boolean {
  return servers.some(({ urls }) => urls.startsWith('turn'));
}
