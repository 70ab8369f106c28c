import { createServer, type Server as HttpServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';
import type * as client from 'socket.io-client';
import { build, defaultClientConditions } from 'vite';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { SIGNALLING_FILES, slim, slimSignalling } from '../scripts/slim.mjs';
import type * as signalling from './testing/slimmed-signalling.ts';

const require = createRequire(import.meta.url);
/** Node 20 has no WebSocket of its own. */
const WebSocket: unknown = createRequire(
  createRequire(require.resolve('socket.io-client')).resolve('engine.io-client'),
)('ws');

/** Behaves as behind a proxy that lets no WebSocket through. */
class Blocked {
  onerror: ((event: object) => void) | undefined;
  constructor() {
    queueMicrotask(() => this.onerror?.({}));
  }
  close(): void {
    // It never opened.
  }
}

let slimmed: typeof signalling;
let http: HttpServer;
let server: Server;
let manager: client.Manager;

beforeAll(async () => {
  slimmed = (await import(`data:text/javascript,${encodeURIComponent(await bundle())}`)) as typeof signalling;
}, 60_000);
beforeEach(async () => {
  http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  server = new Server(http, { path: '/some/path' });
});
afterEach(async () => {
  manager.socket('/').disconnect();
  await server.close();
  vi.unstubAllGlobals();
});

function connect(transport: string, { port } = http.address() as AddressInfo): client.Socket {
  vi.stubGlobal('WebSocket', transport === 'websocket' ? WebSocket : Blocked);
  manager = new slimmed.Manager(`http://127.0.0.1:${port}`, {
    path: '/some/path',
    parser: slimmed.socketioParser,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    autoConnect: false,
    reconnectionDelay: 10,
    reconnectionDelayMax: 20,
    randomizationFactor: 0.5,
  });
  return manager.socket('/').connect();
}

const event = (socket: client.Socket, name: string): Promise<unknown[]> =>
  new Promise((resolve) => {
    socket.once(name, (...args: unknown[]) => {
      resolve(args);
    });
  });

describe.each(['websocket', 'polling'])('over %s', (transport) => {
  test('gets an answer to its request, and accepts more than ten binary attachments', async () => {
    const binary = Array.from({ length: 40 }, (_, i) => Uint8Array.of(i, 255));
    server.on('connection', (peer) => {
      expect(peer.conn.transport.name).toBe(transport);
      peer.on('join', (join: unknown, answer: (reply: unknown) => void) => {
        answer({ join, binary });
        peer.emit('announce', { é: '✓', binary: binary[3] });
      });
    });
    const socket = connect(transport);
    const announced = event(socket, 'announce');
    const answer = await new Promise((resolve, reject) => {
      socket.timeout(5000).emit('join', { a: ['ü', 1] }, (error: Error | null, reply: unknown) => {
        if (error === null) resolve(reply);
        else reject(error);
      });
    });
    const buffers = binary.map((bytes) => bytes.buffer);
    expect(answer).toEqual({ join: { a: ['ü', 1] }, binary: buffers });
    expect(await announced).toEqual([{ é: '✓', binary: buffers[3] }]);
  });

  test('reconnects when the connection breaks, but not when the server closes it', async () => {
    const peers: string[] = [];
    server.on('connection', (peer) => {
      peers.push(peer.id);
      peer.on('break', () => {
        peer.conn.close();
      });
      peer.on('go', () => peer.disconnect());
    });
    const socket = connect(transport);
    await event(socket, 'connect');
    const lost = event(socket, 'disconnect');
    socket.emit('break');
    expect((await lost)[0]).toMatch(/^transport (?:close|error)$/);
    await event(socket, 'connect');
    expect(socket.id).toBe(peers[1]);
    const away = event(socket, 'disconnect');
    socket.emit('go');
    expect(await away).toEqual(['io server disconnect', undefined]);
    expect([socket.active, socket.connected]).toEqual([false, false]);
    socket.connect();
    await event(socket, 'connect');
    expect(peers).toHaveLength(3);
  });

  test('reports a refusal, a missing answer, and its own goodbye', async () => {
    let refuse = true;
    server.use((_peer, next) => {
      next(refuse ? new Error('no room') : undefined);
    });
    const socket = connect(transport);
    expect(await event(socket, 'connect_error')).toEqual([expect.objectContaining({ message: 'no room' })]);
    expect(socket.active).toBe(false);
    refuse = false;
    socket.connect();
    await event(socket, 'connect');
    const unanswered = await new Promise((resolve) => socket.timeout(20).emit('join', resolve));
    expect(unanswered).toEqual(expect.objectContaining({ message: 'operation has timed out' }));
    const goodbye = event(socket, 'disconnect');
    socket.disconnect();
    expect(await goodbye).toEqual(['io client disconnect', undefined]);
  });
});

test('keeps trying while the server is unreachable, and connects when it is back', async () => {
  const address = http.address() as AddressInfo;
  await server.close();
  const socket = connect('polling', address);
  await event(socket, 'connect_error');
  await event(socket, 'connect_error');
  http = createServer();
  await new Promise<void>((resolve) => http.listen(address.port, '127.0.0.1', resolve));
  server = new Server(http, { path: '/some/path' });
  await event(socket, 'connect');
});

test('takes a new first delay for its back-off, which grows to the last', () => {
  connect('polling').disconnect();
  const { backoff } = manager as unknown as { backoff: { duration(): number } };
  manager.reconnectionDelay(2);
  const delays = Array.from({ length: 7 }, () => backoff.duration());
  expect(delays[0]).toBeGreaterThanOrEqual(1);
  expect(delays[0]).toBeLessThanOrEqual(3);
  expect(delays[6]).toBe(20);
});

test.each(SIGNALLING_FILES)('refuses another %s', (file) => {
  expect(() => slimSignalling(file, 'export const nothing = 1;')).toThrow('another socket.io-client');
});

/** What the client uses of socket.io, as pages get it. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('testing/slimmed-signalling.ts', import.meta.url));
  // As for pages: otherwise socket.io's parser is the one with a logger, which stays whole.
  vi.stubEnv('NODE_ENV', 'production');
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@freshet/source', ...defaultClientConditions] },
    plugins: [slim()],
    build: { write: false, lib: { entry, formats: ['es'] } },
  });
  const [output] = Array.isArray(built) ? built : [built];
  vi.unstubAllEnvs();
  if (!('output' in output)) throw new Error('nothing was built');
  return output.output[0].code;
}
