import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { expect, onTestFinished, test } from 'vitest';
import { openPollingSession } from '../testing/polling-session.ts';
import { guardConnection } from './connection-guard.ts';
import type { ViewerServer, ViewerSocket } from './viewer-socket.ts';

/** A polling session that does not read, and its socket at the server. @param limits see `ConnectionLimits` */
async function unreadSession(limits: { readonly unreadBytes: number; readonly unreadMs: number }) {
  const clock = { now: 0 };
  const offences: string[] = [];
  const httpServer = createServer();
  const io: ViewerServer = new Server(httpServer, { path: '/swarm' });
  io.engine.on('connection', (connection: ViewerSocket['conn']) => {
    guardConnection(
      connection,
      () => clock.now,
      (offence) => offences.push(offence),
      { packets: 100, ...limits },
    );
  });
  await new Promise<void>((done) => httpServer.listen(0, '127.0.0.1', done));
  onTestFinished(async () => {
    await io.close();
  });
  const arrived = new Promise<ViewerSocket>((resolve) => io.once('connection', resolve));
  const session = await openPollingSession(`http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`);
  await session.post('40');
  const socket = await arrived;
  const gone = new Promise<void>((resolve) => {
    socket.once('disconnect', () => {
      resolve();
    });
  });
  const send = () => socket.emit('refused', { code: 'full', message: 'x'.repeat(900) });
  return { clock, offences, session, socket, send, gone };
}

test('a session that does not read is closed at the bound of bytes', async () => {
  const { offences, send, gone } = await unreadSession({ unreadBytes: 10_000, unreadMs: 1000 });
  for (let message = 0; message < 20; message++) send();
  await gone;
  expect(offences).toEqual(['unread']);
});

test('a session that does not read is closed at the bound of time', async () => {
  const { clock, offences, send, gone } = await unreadSession({ unreadBytes: 10_000, unreadMs: 1000 });
  send();
  clock.now = 1001;
  send();
  await gone;
  expect(offences).toEqual(['unread']);
});

test('a session that reads late is kept, however much it is sent in all', async () => {
  const { clock, offences, session, socket, send } = await unreadSession({
    ...{ unreadBytes: 10_000, unreadMs: 1000 },
  });
  for (let round = 0; round < 5; round++) {
    for (let message = 0; message < 8; message++) send();
    clock.now += 900;
    expect((await session.poll()).status).toBe(200);
  }
  expect(socket.connected).toBe(true);
  expect(offences).toEqual([]);
});
