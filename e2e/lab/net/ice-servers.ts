import { TURN_LOGIN } from '../../src/harness/servers/turn-server.ts';
import { SERVER_ADDRESS } from './network.ts';

/** Port of the STUN and TURN server on the server's host. */
export const TURN_PORT = 3478;

export type TurnTransport = 'udp' | 'tcp';

/** In the form that RTCPeerConnection takes. */
export interface IceServer {
  readonly urls: string;
  readonly username?: string;
  readonly credential?: string;
}

/** The servers that viewers get: STUN, and TURN if `turn` is given. */
export function iceServers(turn: TurnTransport | undefined): readonly IceServer[] {
  const host = `${SERVER_ADDRESS}:${TURN_PORT}`;
  const stun = { urls: `stun:${host}` };
  if (turn === undefined) return [stun];
  return [stun, { urls: `turn:${host}?transport=${turn}`, ...TURN_LOGIN }];
}

/** The same server in the form that `--ice-server` takes. */
export function iceUrl({ urls, username, credential }: IceServer): string {
  return username === undefined ? urls : urls.replace(':', `:${username}:${credential ?? ''}@`);
}
