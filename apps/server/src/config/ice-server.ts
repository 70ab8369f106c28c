import type { IceServer } from '@freshet/protocol';

const STUN = /^stuns?:[^@/?\s]+$/;
const TURN = /^(turns?):(?:([^:@/?\s]+):([^@/?\s]+)@)?([^@/?\s]+)(\?transport=(?:udp|tcp))?$/;

/**
 * Reads `stun:host:3478` or `turn:user:password@host:3478?transport=udp` into what RTCPeerConnection takes.
 * User and password are percent-decoded, so that they may hold `:`, `@` and `/`.
 * @returns a sentence that says what is wrong, when it is neither.
 */
export function parseIceServer(text: string): IceServer | string {
  if (STUN.test(text)) return { urls: text };
  const match = TURN.exec(text);
  if (match === null) {
    return `"${text.replace(/:[^:@]*@/, ':…@')}" is not an ICE server. Write stun:host:3478 or turn:user:password@host:3478?transport=udp`;
  }
  const [, scheme = '', user, password, host = '', transport = ''] = match;
  // A browser throws on a TURN server without credentials, and then no viewer connects to any other.
  if (user === undefined || password === undefined) {
    return `"${text}" has no user and password. Write ${scheme}:user:password@${host}${transport}`;
  }
  try {
    return {
      urls: `${scheme}:${host}${transport}`,
      username: decodeURIComponent(user),
      credential: decodeURIComponent(password),
    };
  } catch {
    return `the user or password of ${scheme}:…@${host} contains an unescaped %. Write %25 instead`;
  }
}
