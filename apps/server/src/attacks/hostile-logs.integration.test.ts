import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { startAttackedServer } from '../testing/attacked-server.ts';

/** Sends bytes and waits until the server closes the connection. */
async function send(port: number, packet: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined).resume();
  const closed = once(socket, 'close');
  socket.write(packet);
  socket.setTimeout(1000, () => socket.destroy());
  await closed;
}

const COOKIE = 'Cookie: freshet-console=SECRET\r\n';
/** A request whose response is under way when rubbish follows on the same connection. */
const pipelined = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\n${COOKIE}\r\nRUBBISH ${COOKIE}\r\n\r\n`;

const MALFORMED: readonly string[] = [
  pipelined('/'),
  pipelined('/watch/demo'),
  pipelined('/live/demo/index.m3u8'),
  `RUBBISH ${COOKIE}\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: x\r\n${COOKIE}Bad Header\x01: y\r\n\r\n`,
  `POST /control/session HTTP/1.1\r\nHost: x\r\n${COOKIE}Transfer-Encoding: chunked\r\n\r\nSECRET\r\n`,
  `POST /swarm/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n${COOKIE}Content-Length: 6\r\n\r\nSECRET`,
  `GET /swarm/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n${COOKIE}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\nSECRET`,
];

it('logs no packet, cookie or body of a malformed request, and few lines', async () => {
  const server = await startAttackedServer(['--log-level', 'debug']);
  const packets = Array.from({ length: 10 }, () => MALFORMED).flat();
  await Promise.all(packets.map((packet) => send(server.port, packet)));
  const text = server.logged.join('');
  expect(text).not.toContain('SECRET');
  // A packet as JSON would be a list of its bytes.
  expect(text).not.toContain('rawPacket');
  expect(text).not.toContain('"Buffer"');
  const lines = server.logged.filter((line) => !line.includes('"level":20'));
  expect(lines.length).toBeLessThan(20);
  expect(packets.join('').length).toBeGreaterThan(lines.join('').length);
});
