import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { PROTOCOL_VERSION, segmentFile, SIGNALLING_PATH } from '@freshet/protocol';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from './config/load-config.ts';
import { StartError } from './http/listen.ts';
import { createServer } from './server.ts';
import { LiveStream } from './stream/live-stream.ts';

const log = pino({ level: 'silent' });

function settings(...argv: string[]) {
  const config = loadConfig({ argv: ['--host', '127.0.0.1', '--port', '0', ...argv], env: {} });
  if (config === undefined) throw new Error('help was asked for');
  return config;
}

async function start(...argv: string[]) {
  const server = await createServer(settings(...argv), { log });
  onTestFinished(async () => {
    await server.close();
  });
  return server;
}

function join(socket: Socket): Promise<unknown> {
  const request = {
    version: PROTOCOL_VERSION,
    stream: 'demo',
    neighbours: [],
    renditions: [],
    uploads: true,
  };
  return socket.timeout(5000).emitWithAck('join', request);
}

it('sends a joining viewer the configured policy and the newest piece lists', async () => {
  const { url } = await start(
    ...['--base-path', '/tv', '--ice-server', 'stun:s.example.org:3478', '--upload-limit-kbps', '900'],
  );
  const socket = io(new URL(url).origin, { path: `/tv${SIGNALLING_PATH}`, transports: ['websocket'] });
  onTestFinished(() => void socket.close());
  const reply = (await join(socket)) as { welcome: { policy: unknown; announcements: unknown[] } };
  expect(reply.welcome.policy).toEqual({
    mode: 'full',
    maxNeighbours: 8,
    uploadLimitKbps: 900,
    uploadBudgetMb: 2000,
    iceServers: [{ urls: 'stun:s.example.org:3478' }],
  });
  expect(reply.welcome.announcements).toHaveLength(10);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('freshet_viewers{stream="demo"} 1');
  expect(metrics).toContain('process_cpu_seconds_total');
});

it('counts the segment bytes that it sends', async () => {
  const { url, directory } = await start();
  const [segment] = directory.get('demo')?.recentSegments(1) ?? [];
  if (segment === undefined) throw new Error('nothing is published');
  const response = await fetch(`${url}/live/demo/${segment.id.rendition}/${segmentFile(segment.id, 'm4s')}`, {
    headers: { Range: 'bytes=0-999' },
  });
  expect(response.status).toBe(206);
  await response.arrayBuffer();
  const line = 'freshet_origin_bytes_total{stream="demo",kind="segment"} 1000';
  await expect.poll(async () => (await fetch(`${url}/metrics`)).text()).toContain(line);
});

it('drains: refuses joins, finishes running transfers, and accepts no new connections', async () => {
  const server = await start('--drain-seconds', '60');
  const { url, directory } = server;
  const stream = new LiveStream({ name: 'big', epoch: 1 });
  directory.add(stream);
  // More than the network between the two ends can buffer.
  const segment = stream.buffer.declareRendition('00000001', { type: 'video' }).append({
    msn: 1,
    data: Buffer.alloc(30e6, 7),
    contentType: 'video/mp4',
    extension: 'm4s',
    durationMs: 2000,
  });
  const socket = io(url, { path: SIGNALLING_PATH, transports: ['websocket'] });
  onTestFinished(() => void socket.close());
  await once(socket as unknown as NodeJS.EventEmitter, 'connect');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => {
    agent.destroy();
  });
  const request = get(`${url}/live/big/${segment.id.rendition}/${segmentFile(segment.id, 'm4s')}`, { agent });
  const [download] = (await once(request, 'response')) as [IncomingMessage];
  download.pause();

  const closed = server.close();
  expect(server.close()).toBe(closed);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  expect(await join(socket)).toMatchObject({ refusal: { code: 'draining' } });

  let bytes = 0;
  download.on('data', (chunk: Buffer) => (bytes += chunk.length));
  download.resume();
  await once(download, 'end');
  expect(bytes).toBe(30e6);
  expect(await closed).toBe(0);
  expect(socket.connected).toBe(false);
});

it('leaves no timers running when the port is in use', async () => {
  const { port } = await start();
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const second = createServer({ ...settings(), port }, { log });
  await expect(second).rejects.toThrow(StartError);
  expect(timers()).toBeLessThanOrEqual(before);
});
