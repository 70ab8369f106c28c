import { setTimeout as pause } from 'node:timers/promises';
import { SIGNALLING_PATH } from '@freshet/protocol';
import type { Socket } from 'socket.io-client';
import { connected, join, joined, sentBy, type Target } from './target.ts';

const NOTHING = { peerBytes: 0, originBytes: 0, uploadedBytes: 0, stalls: 0 };
const SEEKING = { ...NOTHING, neighbours: [], renditions: [], uploads: true, seeking: true };

/** Opens a polling session. @returns its URL; undefined if it is refused */
async function pollingSession({ url }: Target): Promise<string | undefined> {
  const base = `${new URL(url).origin}${SIGNALLING_PATH}/?EIO=4&transport=polling`;
  const response = await fetch(base, { headers: sentBy() });
  const sid = /"sid":"([^"]+)"/.exec(await response.text())?.[1];
  return sid === undefined ? undefined : `${base}&sid=${sid}`;
}

/** A payload with hundreds of CONNECT packets, each for another namespace. */
export async function connectFlood(target: Target): Promise<void> {
  const session = await pollingSession(target);
  if (session === undefined) return;
  const packets = Array.from({ length: 500 }, (_, i) => `40/n${i},`).join('\u001e');
  await fetch(session, { method: 'POST', body: packets, headers: sentBy() }).catch(() => undefined);
}

/** Polling sessions that never read. */
export async function unreadSessions(target: Target): Promise<void> {
  for (let i = 0; i < 3; i++) {
    const session = await pollingSession(target);
    if (session !== undefined)
      await fetch(session, { method: 'POST', body: '40', headers: sentBy() }).catch(() => undefined);
  }
}

/** Connections that never join. */
export async function idleSockets(target: Target): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: 10 }, () => connected(target)));
  await pause(4000);
  for (const socket of sockets) socket.disconnect();
}

/** One connection that joins again and again to meet everybody. */
export async function repeatedJoins(target: Target): Promise<void> {
  const socket = await connected(target);
  for (let i = 0; i < 10 && socket.connected; i++) await join(socket, target.stream);
  socket.disconnect();
}

/** Sends rubbish to every viewer it meets: offers that open nothing, candidates that point elsewhere. */
export async function rubbishSignals(target: Target): Promise<void> {
  const sockets = await joined(target);
  for (const socket of sockets) sendRubbish(socket);
  await pause(2000);
  for (const socket of sockets) socket.disconnect();
}

function sendRubbish(socket: Socket): void {
  socket.on('introduce', ({ peer }: { peer: string }) => {
    const candidate = 'candidate:1 1 tcp 1 169.254.169.254 80 typ host tcptype passive';
    for (let i = 0; i < 20; i++) {
      socket.emit('signal', { to: peer, signal: { type: 'offer', sdp: `v=0\r\nrubbish ${i}\r\n` } });
      socket.emit('signal', {
        to: peer,
        signal: { type: 'candidate', candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 } },
      });
    }
  });
  socket.emit('report', SEEKING);
}

/** Two connections accuse every viewer that they meet. */
export async function falseAccusations(target: Target): Promise<void> {
  const sockets = await joined(target);
  for (const socket of sockets) {
    socket.on('introduce', ({ peer }: { peer: string }) => {
      socket.emit('pollution', { peer, epoch: 1, rendition: '00000000', msn: 1, piece: 0 });
    });
    socket.emit('report', SEEKING);
  }
  await pause(2000);
  for (const socket of sockets) socket.disconnect();
}

/** A report of more than anybody could have received, and messages that no schema allows. */
export async function forgedReports(target: Target): Promise<void> {
  const socket = await connected(target);
  await join(socket, target.stream);
  socket.emit('report', { ...SEEKING, peerBytes: 1e12, playedBytes: 1e12, stalls: 1e6 });
  for (let i = 0; i < 5; i++) socket.emit('report', { neighbours: 'all' });
  await pause(500);
  socket.disconnect();
}
