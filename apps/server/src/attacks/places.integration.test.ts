import { get } from 'node:http';
import { connect, type Socket as TcpSocket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { joinAsAttacker, startAttackedServer } from '../testing/attacked-server.ts';
import { counted } from '../testing/counted.ts';
import { joinPacket, openPollingSession } from '../testing/polling-session.ts';

const SMALL = ['--max-viewers', '20'];
const PROXIED = [...SMALL, '--trust-proxy', '1'];
const refusals = (budget: string, shortage: string) =>
  `freshet_refused_by_budget_total{budget="${budget}",shortage="${shortage}"}`;

/** An address in the attacker's network. */
const attacker = (index: number) => ({ 'x-forwarded-for': `203.0.113.${index % 250}` });
const HONEST = '198.51.100.7';

test('idle connections of one network leave room for others', async () => {
  const { url, port } = await startAttackedServer(SMALL);
  const sockets: TcpSocket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  // 20 viewers may have 160 connections.
  let open = 0;
  const settled = Array.from(
    { length: 300 },
    () =>
      new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1');
        sockets.push(socket);
        // The server answers the request if it keeps the connection, and the connection then stays.
        socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
        socket.once('data', () => {
          open++;
          resolve();
        });
        socket.once('error', () => undefined);
        socket.once('close', () => {
          resolve();
        });
      }),
  );
  await Promise.all(settled);
  expect(open).toBeGreaterThan(100);
  expect(open).toBeLessThan(140);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const address = `${url}/live/demo/index.m3u8`;
    get(address, { localAddress: '127.9.9.9', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).once('error', reject);
  });
  expect(status).toBe(200);
});

test('sockets that never join, of one network, keep nobody out', async () => {
  const { url } = await startAttackedServer(PROXIED);
  let open = 0;
  for (let socket = 0; socket < 400; socket++) {
    const session = await openPollingSession(url, attacker(socket)).catch(() => undefined);
    if (session === undefined) continue;
    open++;
    await session.post('40');
  }
  expect(open).toBeGreaterThan(100);
  expect(open).toBeLessThan(200);
  for (let viewer = 0; viewer < 10; viewer++)
    expect((await joinAsAttacker(url, { address: HONEST })).reply).toHaveProperty('welcome');
  expect(await counted(url, refusals('sockets', 'prefix'))).toBe(400 - open);
});

test('viewers of one network do not take all places', async () => {
  const { url } = await startAttackedServer(PROXIED);
  const replies: string[] = [];
  for (let viewer = 0; viewer < 25; viewer++) {
    const { reply } = await joinAsAttacker(url, { address: `203.0.113.${viewer}` });
    replies.push('welcome' in reply ? 'welcome' : reply.refusal.code);
  }
  expect(replies.filter((code) => code === 'welcome')).toHaveLength(17);
  expect(replies.slice(17)).toEqual(new Array(8).fill('full'));
  expect((await joinAsAttacker(url, { address: HONEST })).reply).toHaveProperty('welcome');
  expect(await counted(url, refusals('viewers', 'prefix'))).toBe(8);
});

test('S3: a connection that was refused or has left is closed if it does not join', async () => {
  const { url } = await startAttackedServer();
  const refused = await joinAsAttacker(url, { join: { stream: 'nosuch' } });
  expect(refused.reply).toMatchObject({ refusal: { code: 'unknown-stream' } });
  const left = await joinAsAttacker(url);
  const honest = await joinAsAttacker(url);
  const closed = [refused, left].map(
    ({ socket }) => new Promise<string>((resolve) => socket.once('disconnect', resolve)),
  );
  left.socket.emit('leave');
  expect(await Promise.all(closed)).toEqual(['io server disconnect', 'io server disconnect']);
  expect(honest.socket.connected).toBe(true);
}, 20_000);

test('S3: a connection whose socket has ended is closed', async () => {
  const { url } = await startAttackedServer();
  const session = await openPollingSession(url);
  await session.post('40');
  await session.poll();
  await session.post(joinPacket());
  await session.poll();
  await session.post('41');
  await session.poll();
  expect((await session.poll()).status).toBe(400);
});

test('S3: a connection joins once in ten seconds, and stays a viewer when it tries again', async () => {
  const { url } = await startAttackedServer();
  const { socket } = await joinAsAttacker(url);
  const met: string[] = [];
  socket.on('introduce', ({ peer }: { peer: string }) => met.push(peer));
  await joinAsAttacker(url);
  await expect.poll(() => met.length).toBe(1);
  const message = { version: 1, stream: 'demo', neighbours: [], renditions: [], uploads: true };
  for (let again = 0; again < 30; again++)
    expect(await socket.emitWithAck('join', message)).toMatchObject({ refusal: { code: 'flood' } });
  expect(met).toHaveLength(1);
  expect(await counted(url, 'freshet_viewers{stream="demo"}')).toBe(2);
  expect(await counted(url, 'freshet_rejected_messages_total{reason="rejoin"}')).toBe(30);
});

test('joins of one network are limited in rate, and those of others are not affected', async () => {
  const { url } = await startAttackedServer(PROXIED);
  const codes = new Map<string, number>();
  for (let viewer = 0; viewer < 220; viewer++) {
    const { socket, reply } = await joinAsAttacker(url, { address: `203.0.113.${viewer}` });
    const code = 'welcome' in reply ? 'welcome' : reply.refusal.code;
    codes.set(code, (codes.get(code) ?? 0) + 1);
    socket.disconnect();
  }
  expect(codes.get('welcome')).toBeLessThan(215);
  expect(codes.get('full')).toBeGreaterThan(5);
  expect(await counted(url, refusals('joins', 'prefix'))).toBe(codes.get('full'));
  expect((await joinAsAttacker(url, { address: HONEST })).reply).toHaveProperty('welcome');
});
