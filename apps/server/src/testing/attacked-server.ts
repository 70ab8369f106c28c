import { type JoinReply, PROTOCOL_VERSION, SIGNALLING_PATH, type ViewerEvents } from '@freshet/protocol';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { onTestFinished } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import type { Config } from '../config/options.ts';
import { createServer, type RunningServer, type Surroundings } from '../server.ts';

export interface AttackedServer extends RunningServer {
  /** What the server logged, as JSON lines. */
  readonly logged: readonly string[];
}

/**
 * A whole server with the built-in demo as stream `demo`, for tests that attack it. It is closed when the test ends.
 * @param argv options as on the command line, beside `--host 127.0.0.1 --port 0`
 */
export async function startAttackedServer(
  argv: readonly string[] = [],
  surroundings: Partial<Surroundings> = {},
  changes: Partial<Config> = {},
): Promise<AttackedServer> {
  const config = loadConfig({ argv: ['--host', '127.0.0.1', '--port', '0', ...argv], env: {} });
  if (config === undefined) throw new Error('argv asks for help');
  const logged: string[] = [];
  const log = pino({ level: config.logLevel }, { write: (line: string) => logged.push(line) });
  const server = await createServer({ ...config, ...changes }, { log, ...surroundings });
  onTestFinished(async () => {
    await server.close();
  });
  return Object.assign(server, { logged });
}

export interface AttackSocket {
  readonly socket: Socket;
  /** The reply to the join. */
  readonly reply: JoinReply;
}

/**
 * Connects a raw viewer, without our client, and joins. It is disconnected when the test ends.
 * @param address the viewer's address as a proxy would state it; needs `--trust-proxy 1`
 * @param transports `['polling']` for long-polling
 */
export async function joinAsAttacker(
  url: string,
  {
    address,
    join = {},
    transports = ['websocket'],
    onSocket = () => undefined,
  }: {
    readonly address?: string;
    readonly join?: Partial<Parameters<ViewerEvents['join']>[0]>;
    readonly transports?: readonly string[];
    /** Called before it connects: messages may follow the reply at once. */
    readonly onSocket?: (socket: Socket) => void;
  } = {},
): Promise<AttackSocket> {
  const { origin, pathname } = new URL(url);
  const socket = io(origin, {
    path: `${pathname.replace(/\/$/, '')}${SIGNALLING_PATH}`,
    transports: [...transports],
    reconnection: false,
    forceNew: true,
    ...(address === undefined ? {} : { extraHeaders: { 'x-forwarded-for': address } }),
  });
  onSocket(socket);
  onTestFinished(() => {
    socket.disconnect();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  const message = {
    ...{ version: PROTOCOL_VERSION, stream: 'demo', neighbours: [], renditions: [], uploads: true },
    ...join,
  };
  const reply = (await socket.timeout(5000).emitWithAck('join', message)) as JoinReply;
  return { socket, reply };
}
