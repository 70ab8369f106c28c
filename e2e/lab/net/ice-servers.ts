import { TURN_LOGIN } from '../../src/harness/turn-server.ts';
import { SERVER_ADDRESS } from './network.ts';

/** Of the STUN and TURN server on the server's host. */
export const TURN_PORT = 3478;

export type TurnTransport = 'udp' | 'tcp';

/** As RTCPeerConnection takes it. */
export interface IceServer {
  readonly urls: string;
  readonly username?: string;
  readonly credential?: string;
}

/** What viewers are told of: STUN, and TURN besides where it is given. */
export function iceServers(turn: TurnTransport | undefined): readonly IceServer[] {
  const host = `${SERVER_ADDRESS}:${TURN_PORT}`;
  const stun = { urls: `stun:${host}` };
  if (turn === undefined) return [stun];
  return [stun, { urls: `turn:${host}?transport=${turn}`, ...TURN_LOGIN }];
}

/** The same as `--ice-server` takes it. */
export function iceUrl({ urls, username, credential }: IceServer): string {
  return username === undefined ? urls : urls.replace(':', `:${username}:${credential ?? ''}@`);
}
