import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from './explain.ts';

/** Answers `/<status>` with that status, and only HEAD. */
let server: Server;
let base = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.method === 'HEAD' ? Number(request.url?.slice(1)) : 405;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  [200, 'unplayable'],
  [404, 'unknown-stream'],
  [503, 'not-ready'],
  [429, 'busy'],
])('a playlist response of %d means %s', async (status, kind) => {
  const { signal } = new AbortController();
  expect(await explain(`${base}/${status}`, 'live', signal)).toMatchObject({ kind });
});

test('no response means unreachable', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const { signal } = new AbortController();
  expect(await explain(`http://127.0.0.1:${port}/`, 'live', signal)).toMatchObject({ kind: 'unreachable' });
});
