import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AddressGuard } from './address-guard.ts';
import { SourceFetcher } from './source-fetcher.ts';

const LIMITS = { headersMs: 1000, idleMs: 1000, wholeMs: 5000, maxBytes: 1000 };

let server: Server;
let fetcher: SourceFetcher;
let base: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: string[];

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  fetcher = new SourceFetcher(new AddressGuard(base), 1000);
});

afterEach(async () => {
  await fetcher.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const signal = new AbortController().signal;
const get = (path = '/', limits = {}, range?: { start: number; length: number }) =>
  fetcher.get(base + path, { ...LIMITS, ...limits }, signal, range);
const text = async (path?: string) => (await get(path)).data.toString();
const fault = (reason: string) => expect.objectContaining({ name: 'SourceFault', reason }) as Error;

describe('SourceFetcher', () => {
  it('returns the body, its final address and its modification time', async () => {
    answer = (_request, response) => {
      response.setHeader('last-modified', 'Thu, 01 Jan 2026 00:00:00 GMT');
      response.end('media');
    };
    const fetched = await get('/a?b=c');
    expect(fetched.data.toString()).toBe('media');
    expect(fetched).toMatchObject({ url: `${base}/a?b=c`, modifiedAt: Date.UTC(2026, 0, 1) });
  });

  it('follows at most five redirects', async () => {
    answer = ({ url }, response) => {
      const hop = Number(url?.slice(1));
      if (hop === 0) response.end('there');
      else response.writeHead(302, { location: `/${hop - 1}` }).end();
    };
    const fetched = await get('/5');
    expect(fetched.data.toString()).toBe('there');
    expect(fetched.url).toBe(`${base}/0`);
    await expect(get('/6')).rejects.toThrow(fault('redirects'));
  });

  it('does not follow a redirect to a forbidden address', async () => {
    answer = (_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    await expect(get()).rejects.toThrow(fault('address'));
    answer = (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    await expect(get()).rejects.toThrow(fault('bad-playlist'));
  });

  it('refuses a name that resolves to this machine when the source is public', async () => {
    const strict = new SourceFetcher(new AddressGuard('http://93.184.216.34/'), 1000);
    answer = (_request, response) => response.end('secret');
    const named = base.replace('127.0.0.1', 'localhost');
    await expect(strict.get(named, LIMITS, signal)).rejects.toThrow(fault('address'));
    await expect(strict.get(base, LIMITS, signal)).rejects.toThrow(fault('address'));
    expect(asked).toEqual([]);
    await strict.close();
  });

  it('reads gzip, requested or not, bounded after decompression', async () => {
    answer = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('#EXTM3U'));
    expect(await text()).toBe('#EXTM3U');
    answer = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000)));
    await expect(get('/', { maxBytes: 100_000 })).rejects.toThrow(fault('too-large'));
    answer = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip');
    await expect(get()).rejects.toThrow(fault('network'));
    answer = (_request, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x');
    await expect(get()).rejects.toThrow(fault('encoding'));
  });

  it('stops at the size limit, whether the size is declared or not', async () => {
    answer = (_request, response) =>
      response.writeHead(200, { 'content-length': 1001 }).end('x'.repeat(1001));
    await expect(get()).rejects.toThrow(fault('too-large'));
    answer = (_request, response) => {
      const drip = setInterval(() => response.write('x'.repeat(500)), 1);
      response.on('close', () => {
        clearInterval(drip);
      });
    };
    await expect(get()).rejects.toThrow(fault('too-large'));
  });

  it('reports the status', async () => {
    answer = (_request, response) => response.writeHead(503).end('x'.repeat(200_000));
    await expect(get()).rejects.toThrow(expect.objectContaining({ reason: 'status', status: 503 }) as Error);
    answer = (_request, response) => response.writeHead(204).end();
    await expect(get()).rejects.toThrow(fault('status'));
  });

  it('requests byte ranges and rejects any other response', async () => {
    answer = ({ headers }, response) => {
      expect(headers.range).toBe('bytes=10-14');
      response.writeHead(206, { 'content-range': 'bytes 10-14/100' }).end('abcde');
    };
    expect((await get('/', {}, { start: 10, length: 5 })).data.toString()).toBe('abcde');
    answer = (_request, response) =>
      response.writeHead(206, { 'content-range': 'bytes 0-4/100' }).end('abcde');
    await expect(get('/', {}, { start: 10, length: 5 })).rejects.toThrow(fault('range'));
    answer = (_request, response) => response.end('abcde');
    await expect(get('/', {}, { start: 10, length: 5 })).rejects.toThrow(fault('range'));
  });

  it('gives up on a body that drips without end', async () => {
    answer = (_request, response) => {
      const drip = setInterval(() => response.write('x'), 5);
      response.on('close', () => {
        clearInterval(drip);
      });
    };
    await expect(get('/', { wholeMs: 200 })).rejects.toThrow(fault('timeout'));
  });

  it('gives up when the source never responds', async () => {
    answer = () => undefined;
    await expect(get('/', { headersMs: 100 })).rejects.toThrow(fault('timeout'));
  });

  it('reports a network fault when nothing listens or the body breaks off', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('x');
      response.destroy();
    };
    await expect(get()).rejects.toThrow(fault('network'));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(get()).rejects.toThrow('ECONNREFUSED');
  });

  it('fails at once when its signal aborts', async () => {
    const owner = new AbortController();
    answer = () => {
      owner.abort();
    };
    await expect(fetcher.get(base, LIMITS, owner.signal)).rejects.toThrow(fault('network'));
    await expect(fetcher.get(base, LIMITS, owner.signal)).rejects.toThrow(fault('network'));
  });
});
