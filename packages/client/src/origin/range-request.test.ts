import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { requestRange, type RangeRequest, type RangeResult } from './range-request.ts';

const BODY = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i & 0xff));
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/1.ts`;
}

async function get(url: string, more: Partial<RangeRequest> = {}): Promise<RangeResult & { body: Buffer }> {
  const chunks: Uint8Array[] = [];
  const result = await requestRange({
    url,
    maxBytes: 1_000_000,
    onBytes: (bytes) => chunks.push(bytes),
    signal: new AbortController().signal,
    clock: () => performance.now(),
    ...more,
  });
  return { ...result, body: Buffer.concat(chunks) };
}

const span = { start: 1000, end: 200_000 };
const part = BODY.subarray(span.start, span.end);

test('fetches a whole body', async () => {
  const result = await get(await serve((_request, response) => response.end(BODY)));
  expect(result).toMatchObject({ outcome: 'ok', status: 200, bytes: BODY.length });
  expect(result.body.equals(BODY)).toBe(true);
  expect(result.elapsedMs).toBeGreaterThanOrEqual(result.ttfbMs);
});

test.each([
  ['7', 7000],
  ['Fri, 31 Dec 1999 23:59:59 GMT', 0],
  [undefined, 0],
])('reports 503 from a full server, with its Retry-After: %s', async (header, retryAfterMs) => {
  const url = await serve((_request, response) => {
    response.writeHead(503, header === undefined ? {} : { 'Retry-After': header }).end();
  });
  expect(await get(url)).toMatchObject({ outcome: 'failed', status: 503, bytes: 0, retryAfterMs });
});

test('fetches a byte range by Range', async () => {
  let asked: string | undefined;
  const url = await serve((request, response) => {
    asked = request.headers.range;
    response.writeHead(206, { 'Content-Range': `bytes 1000-199999/${BODY.length}` }).end(part);
  });
  const result = await get(url, { span });
  expect(asked).toBe('bytes=1000-199999');
  expect(result).toMatchObject({ outcome: 'ok', status: 206, bytes: part.length });
  expect(result.body.equals(part)).toBe(true);
});

test('cuts the range out of a whole body without waiting for the rest', async () => {
  const url = await serve((_request, response) => {
    response.write(BODY); // and never ends
  });
  const result = await get(url, { span });
  expect(result).toMatchObject({ outcome: 'ok', status: 200 });
  expect(result.body.equals(part)).toBe(true);
});

test.each<[string, RequestListener, Partial<RangeRequest>]>([
  ['an error status', (_q, r) => r.writeHead(503).end('no'), {}],
  ['a redirect to nowhere', (_q, r) => r.writeHead(204).end(), {}],
  ['an empty body', (_q, r) => r.end(), {}],
  [
    'a body that breaks off',
    (_q, r) => {
      r.writeHead(200, { 'Content-Length': 10 });
      r.write('a');
      setImmediate(() => r.destroy());
    },
    {},
  ],
  ['an endless body', (_q, r) => r.end(BODY), { maxBytes: 1000 }],
  ['a range that is too long', (_q, r) => r.writeHead(206).end(BODY), { span: { start: 0, end: 10 } }],
  [
    'another range',
    (_q, r) => r.writeHead(206, { 'Content-Range': 'bytes 0-9/99' }).end('0123456789'),
    { span: { start: 10, end: 20 } },
  ],
  ['no first byte in time', () => undefined, { firstByteTimeoutMs: 30 }],
  [
    'silence in the middle',
    (_q, r) => {
      r.write('a');
    },
    { idleTimeoutMs: 30 },
  ],
])('fails on %s', async (_name, answer, more) => {
  expect(await get(await serve(answer), more)).toMatchObject({ outcome: 'failed' });
});

test.each<Parameters<typeof serve>>([
  [(_q, r) => r.writeHead(206).end('a')],
  [(_q, r) => r.writeHead(416).end()],
  [(_q, r) => r.end('abc')],
])('reports `differs` when the resource has fewer bytes than the range: %s', async (answer) => {
  expect(await get(await serve(answer), { span })).toMatchObject({ outcome: 'differs' });
});

test('fails when no server listens', async () => {
  const url = await serve(() => undefined);
  await new Promise((resolve) => server?.close(resolve));
  expect(await get(url)).toMatchObject({ outcome: 'failed', status: 0, bytes: 0 });
});

test('reports an abort midway, and one before the start', async () => {
  const url = await serve((_request, response) => {
    response.write('abc');
  });
  const abort = new AbortController();
  const result = await get(url, {
    signal: abort.signal,
    onBytes: () => {
      abort.abort();
    },
  });
  expect(result).toMatchObject({ outcome: 'aborted', bytes: 3 });
  expect(await get(url, { signal: abort.signal })).toMatchObject({ outcome: 'aborted', bytes: 0 });
});
