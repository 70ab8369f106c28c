import { connect } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { joinAsAttacker, startAttackedServer } from '../testing/attacked-server.ts';
import { counted } from '../testing/counted.ts';
import { joinPacket, openPollingSession } from '../testing/polling-session.ts';

const rejected = (reason: string) => `freshet_rejected_messages_total{reason="${reason}"}`;

test.each([
  ['thousands of CONNECT packets', 'namespace', new Array<string>(20_000).fill('40')],
  ['a second CONNECT packet', 'namespace', ['40', '40']],
  ['another namespace', 'namespace', ['40/admin,']],
  ['a message in another namespace', 'namespace', ['40', '42/admin,["join",{}]']],
  [
    'a binary message in another namespace',
    'namespace',
    ['40', '451-/admin,["join",{"_placeholder":true,"num":0}]'],
  ],
  ['thousands of heartbeats', 'packets', ['40', ...new Array<string>(20_000).fill('3')]],
])('S1: a polling request with %s ends its session', async (_what, reason, packets) => {
  const { url } = await startAttackedServer();
  const session = await openPollingSession(url);
  await session.post(...packets);
  expect(await session.poll()).toMatchObject({
    status: 400,
    text: expect.stringContaining('Session ID') as string,
  });
  expect(await counted(url, rejected(reason))).toBe(1);
  const { reply } = await joinAsAttacker(url, { transports: ['polling'] });
  expect(reply).toHaveProperty('welcome');
});

test.each([
  ['of an unknown type', '49'],
  ['that is not JSON', '42["join",'],
  ['with a hole for data that never comes', '450-["join",{"_placeholder":true,"num":9}]'],
  ['of the server only', '44{"message":"no"}'],
])('a packet %s ends its session and is not logged', async (_what, packet) => {
  const { url, logged } = await startAttackedServer(['--log-level', 'trace']);
  const session = await openPollingSession(url, { cookie: 'session=secret-of-a-viewer' });
  await session.post('40', packet);
  // engine.io's own close: the next answer is the last.
  const { status, text } = await session.poll();
  if (status === 200) expect(text).toMatch(/1$/);
  expect((await session.poll()).status).toBe(400);
  expect(logged.join('')).not.toMatch(/secret-of-a-viewer|placeholder|"join/);
});

test('a fault in a handler ends the connection that caused it and no other', async () => {
  const lines: string[] = [];
  const log = pino(
    { level: 'debug' },
    {
      write: (line: string) => {
        if (line.includes('message rejected')) throw new Error('a fault, made for this test');
        lines.push(line);
      },
    },
  );
  const { url } = await startAttackedServer([], { log });
  const honest = await joinAsAttacker(url);
  const { socket } = await joinAsAttacker(url);
  const gone = new Promise<string>((resolve) => socket.once('disconnect', resolve));
  // Malformed: the tracker logs that, and here the log throws.
  socket.emit('report', 'nonsense');
  await gone;
  expect(honest.socket.connected).toBe(true);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(await counted(url, rejected('fault'))).toBe(1);
  expect(lines.join('')).toContain('a fault in a handler');
});

test('an upgrade of a path that has none closes the connection, even if its other end stays open', async () => {
  const { port } = await startAttackedServer();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => {
    socket.destroy();
  });
  socket.write('GET /live/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  socket.resume();
  await new Promise((resolve) => socket.once('end', resolve));
  // The server holds nothing any more: what arrives now is answered with a reset.
  const reset = new Promise((resolve) => socket.once('error', resolve));
  const writing = setInterval(() => socket.write('x'), 20);
  onTestFinished(() => {
    clearInterval(writing);
  });
  expect(await reset).toMatchObject({ code: expect.stringMatching(/EPIPE|ECONNRESET/) as string });
});

test('requests and upgrades of every broken form leave the server working', async () => {
  const { url, port } = await startAttackedServer();
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  const queries = [
    ...['', 'EIO=4', 'EIO=3&transport=polling', 'EIO=3&transport=websocket', 'EIO=4&transport=constructor'],
    ...['EIO=4&transport=webtransport', 'EIO=4&transport=polling', 'EIO=4&transport=polling&j=0'],
    ...['EIO=4&transport=websocket&sid=__proto__', 'EIO=4&transport=polling&sid=constructor'],
    ...['EIO=4&transport=%&sid=%00', 'EIO=4&transport=polling&transport=websocket'],
  ];
  const requests = queries.flatMap((query) =>
    ['GET', 'POST', 'PUT', 'OPTIONS', 'HEAD'].flatMap((method) =>
      ['', upgrade, upgrade + key].map(
        (headers) => `${method} /swarm/?${query} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n${headers}\r\n`,
      ),
    ),
  );
  for (const bytes of requests) {
    const socket = connect(port, '127.0.0.1');
    const over = new Promise<void>((resolve) => {
      socket.once('error', () => undefined);
      socket.once('data', () => socket.destroy());
      socket.once('close', () => {
        resolve();
      });
    });
    // Behind the request: neither a request nor a WebSocket frame.
    socket.write(`${bytes}\u00ff\u00ff`);
    await over;
  }
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await joinAsAttacker(url)).reply).toHaveProperty('welcome');
});

test('a session that joined may not keep a second socket', async () => {
  const { url } = await startAttackedServer();
  const session = await openPollingSession(url);
  await session.post('40');
  expect((await session.poll()).text).toContain('40{');
  await session.post(joinPacket());
  expect((await session.poll()).text).toContain('welcome');
  await session.post('40');
  expect((await session.poll()).status).toBe(400);
});
