import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type JoinReply, PROTOCOL_VERSION, SIGNALLING_PATH } from '@freshet/protocol';
import { io, type Socket } from 'socket.io-client';
import { readRelay } from '../../src/harness/servers/relay-playlist.ts';

/** The server under attack. */
export interface Target {
  /** Ends in a slash. */
  readonly url: string;
  readonly stream: string;
}

const ANSWER_MS = 3000;

/** The attackers' addresses, in two networks that no viewer is in. The server believes its proxy. */
const ADDRESSES = ['203.0.113.7', '198.51.100.7'] as const;

export function sentBy(address: string = ADDRESSES[0]): { readonly 'x-forwarded-for': string } {
  return { 'x-forwarded-for': address };
}

/** A connection that has not joined. Whoever opens it disconnects it. */
export async function connected({ url }: Target, address?: string): Promise<Socket> {
  const socket = io(new URL(url).origin, {
    path: SIGNALLING_PATH,
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: sentBy(address),
  });
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('connect_error', () => {
      resolve();
    });
  });
  return socket;
}

/** Raw viewers that have joined, or that the server refused: one from each of the attackers' networks. */
export async function joined(target: Target): Promise<readonly [Socket, Socket]> {
  const [one, other] = [await connected(target, ADDRESSES[0]), await connected(target, ADDRESSES[1])];
  for (const socket of [one, other]) await join(socket, target.stream);
  return [one, other];
}

/** @returns undefined if the server does not answer */
export function join(socket: Socket, stream: string): Promise<JoinReply | undefined> {
  const message = { version: PROTOCOL_VERSION, stream, neighbours: [], renditions: [], uploads: true };
  return socket
    .timeout(ANSWER_MS)
    .emitWithAck('join', message)
    .catch(() => undefined) as Promise<JoinReply | undefined>;
}

/** Sends bytes on a new connection and closes it after a while, whatever comes back. */
export async function sendRaw({ url }: Target, bytes: string, holdMs = 500): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(bytes);
  await pause(holdMs);
  socket.destroy();
}

/** The address of the newest segment; undefined while there is none. */
export async function newestSegment({ url, stream }: Target): Promise<string | undefined> {
  const { segments } = await readRelay(new URL(`live/${stream}/index.m3u8`, url).href);
  return segments.at(-1)?.url;
}
