import type { IceServer } from '@freshet/protocol';

const STUN = /^stuns?:[^@/?\s]+$/;
const TURN = /^(turns?):(?:([^:@/?\s]+):([^@/?\s]+)@)?([^@/?\s]+)(\?transport=(?:udp|tcp))?$/;

/**
 * Parses `stun:host:3478`, `turn:host:3478` or `turn:user:password@host:3478?transport=udp` into an ICE server for
 * RTCPeerConnection. User and password are percent-decoded, so that they may contain `:`, `@` and `/`.
 * @returns a sentence that describes the problem, if the text is neither
 */
export function parseIceServer(text: string): IceServer | string {
  if (STUN.test(text)) return { urls: text };
  const match = TURN.exec(text);
  if (match === null) {
    return `"${text.replace(/:[^:@]*@/, ':…@')}" is not an ICE server. Write stun:host:3478 or turn:host:3478?transport=udp`;
  }
  const [, scheme = '', user, password, host = '', transport = ''] = match;
  const urls = `${scheme}:${host}${transport}`;
  if (user === undefined || password === undefined) return { urls };
  try {
    return {
      urls,
      username: decodeURIComponent(user),
      credential: decodeURIComponent(password),
    };
  } catch {
    return `the user or password of ${scheme}:…@${host} contains an unescaped %. Write %25 instead`;
  }
}
