import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { createServer } from '../server.ts';

const KEY = 'a-long-secret-key';
const END = 'Host: x\r\nConnection: close\r\n\r\n';
/** Text that no response may contain: from files outside the pages, from the machine, from our own errors. */
const LEAKS = /root:|"workspaces"|"dependencies"|node_modules|\.[jt]s:\d+|Error:/;

let url: string;
let port: number;
const complaints: string[] = [];

beforeAll(async () => {
  const argv = ['--host', '127.0.0.1', '--port', '0', '--ingest-key', `tv=${KEY}`];
  const config = loadConfig({ argv, env: {} });
  if (config === undefined) throw new Error('help was asked for');
  const log = pino({ level: 'error' }, { write: (line: string) => complaints.push(line) });
  const server = await createServer({ ...config, sources: [] }, { log });
  ({ url, port } = server);
  return async () => {
    await server.close();
  };
});

/** The server's response to these bytes, up to the end of the connection or for 5 s. */
function answerTo(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket: Socket = connect(port, '127.0.0.1');
    const enough = setTimeout(() => socket.destroy(), 5000);
    socket.on('data', (data: Buffer) => {
      said += data.toString('latin1');
    });
    // A cut connection counts as a response.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(enough);
      resolve(said);
    });
    socket.write(bytes);
  });
}

function statusOf(answer: string): number | undefined {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
  return status === undefined ? undefined : Number(status);
}

describe('hostile addresses are answered 4xx and reveal no internals', () => {
  it.each([
    '/../../../../etc/passwd',
    '/..%2f..%2f..%2f..%2fetc%2fpasswd',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/..\\..\\package.json',
    '/assets/%00.js',
    '/%00',
    '/%',
    '/%E0%A4%A',
    '/%ff%fe',
    '/.git/config',
    '//evil.example/',
    '/watch/<script>',
    '/watch/%2e%2e%2f',
    '/watch/__proto__',
    '/live/__proto__/index.m3u8',
    '/live/constructor/index.m3u8',
    '/live/demo/__proto__/index.m3u8',
    '/live/demo/toString/1.m4s?epoch=1',
    '/live/demo/..%2findex.m3u8',
    '/live/demo/x/0.m4s?epoch[]=1',
    '/live/demo/x/1e3.m4s?epoch=1',
    '/metrics/../healthz',
    '/swarm/?EIO=99&transport=x',
    '/swarm/?EIO=4&transport=polling&sid=__proto__',
    `/${'a'.repeat(12_000)}`,
    '/ingest/',
    '/ingest/tv',
    '/ingest/__proto__/x/index.m3u8',
    '/ingest//a/b.ts',
    `/ingest/tv/${KEY}/../../x.ts`,
    `/ingest/tv/${KEY}/%2e%2e/x.ts`,
    'http://evil.example/live/demo',
    '*',
  ])('%s', async (path) => {
    const answer = await answerTo(`GET ${path} HTTP/1.1\r\n${END}`);
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    expect(statusOf(answer)).toBeLessThan(500);
    expect(answer).not.toMatch(LEAKS);
  });
});

describe('malformed requests are refused or cut off', () => {
  const put = `PUT /ingest/tv/${KEY}/a.ts HTTP/1.1\r\n`;
  it.each<[string, string | Buffer, readonly (number | undefined)[]]>([
    ['a header of 200 kB', `GET / HTTP/1.1\r\nX: ${'a'.repeat(200_000)}\r\n${END}`, [431]],
    ['20,000 headers', `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(20_000)}${END}`, [431]],
    [
      'two lengths',
      `POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n${END}0\r\n\r\n`,
      [400],
    ],
    ['a negative length', `${put}Content-Length: -1\r\n${END}`, [400]],
    ['a length of a terabyte', `${put}Content-Length: 999999999999\r\n${END}abc`, [413]],
    ['a chunk without a length', `${put}Transfer-Encoding: chunked\r\n${END}zz\r\n`, [400]],
    [
      'an endless chunk',
      `${put}Transfer-Encoding: chunked\r\n${END}ffffffffffffffff\r\nabc`,
      [400, undefined],
    ],
    ['an unknown method', `FOO / HTTP/1.1\r\n${END}`, [400]],
    ['a tunnel', `CONNECT evil.example:443 HTTP/1.1\r\n${END}`, [undefined]],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', [400]],
    ['an unknown expectation', `GET / HTTP/1.1\r\nExpect: x\r\n${END}`, [417]],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
    ['TLS', Buffer.from('160301020001000', 'hex'), [400, undefined]],
    ['noise', Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919) % 256)), [400]],
    [
      'a WebSocket outside the tracker’s path',
      'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nHost: x\r\n\r\n',
      [400, undefined],
    ],
  ])('%s', async (_name, bytes, statuses) => {
    const answer = await answerTo(bytes);
    expect(statuses).toContain(statusOf(answer));
    expect(answer).not.toMatch(LEAKS);
  });
});

it('a line break in an address adds no header', async () => {
  const answer = await answerTo(`GET /watch/a%0d%0aSet-Cookie:x=1/ HTTP/1.1\r\n${END}`);
  expect(answer).not.toMatch(/^set-cookie/im);
});

it('the server stays healthy and logs no errors', async () => {
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(complaints).toEqual([]);
});
