import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { decodePieceList, pieceSpan } from '@freshet/protocol';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveStream } from '../stream/live-stream.ts';
import { StreamDirectory } from '../stream/stream-directory.ts';
import { roomyBudgets } from '../testing/roomy-budgets.ts';
import { type Admission, admissionBelow } from './admission.ts';
import { relayRouter } from './relay-router.ts';

const RENDITION = '0000000a';
const SEGMENT = `/live/show/${RENDITION}/3.ts?epoch=7`;
const DATA = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
const MEDIA = { data: DATA, contentType: 'video/mp2t', extension: 'ts', durationMs: 2000 };

let server: Server;
let stream: LiveStream;
let counted: Record<string, number>;
let refusals: string[];
let admission: Admission | undefined;

beforeEach(async () => {
  counted = {};
  refusals = [];
  admission = undefined;
  const directory = new StreamDirectory();
  stream = new LiveStream({ name: 'show', epoch: 7 });
  directory.add(stream);
  const app = express();
  app.disable('x-powered-by');
  app.use(
    relayRouter({
      directory,
      startWaitMs: 150,
      budgets: roomyBudgets((budget) => refusals.push(budget)),
      admission: {
        newcomer: (prefix) => admission?.newcomer(prefix) ?? true,
        small: (bytes, prefix) => admission?.small(bytes, prefix) ?? true,
        segment: (asked) => (admission === undefined ? () => undefined : admission.segment(asked)),
      },
      originBytes: {
        add: (name, kind, bytes) => {
          counted[`${name} ${kind}`] = (counted[`${name} ${kind}`] ?? 0) + bytes;
        },
      },
    }),
  );
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const port = () => (server.address() as AddressInfo).port;
const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port()}${path}`, init);
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

function publish(msn = 3) {
  const rendition = stream.buffer.declareRendition(RENDITION, { type: 'video' });
  const init = rendition.putInit(Buffer.from('the init'), 'video/mp4');
  rendition.append({ ...MEDIA, msn, init });
  return { rendition, init };
}

describe('a server at its egress limit', () => {
  let refused: number;
  const statusOf = async (path: string, init?: RequestInit) => {
    const response = await get(path, init);
    await response.arrayBuffer();
    return response.status;
  };

  beforeEach(() => {
    publish();
    publish(4);
    refused = 0;
    // Two segments exceed what it may send in two seconds.
    admission = admissionBelow(
      1.3,
      () => 0,
      () => {
        refused++;
      },
    );
  });

  it('sends four copies of each segment, and always playlists and piece lists', async () => {
    const statuses: number[] = [];
    for (let copy = 0; copy < 6; copy++) statuses.push(await statusOf(SEGMENT));
    expect(statuses).toEqual([200, 200, 200, 200, 503, 503]);
    expect(await statusOf(`/live/show/${RENDITION}/4.ts?epoch=7`)).toBe(200);
    expect(await statusOf(`/live/show/${RENDITION}/3.pieces?epoch=7`)).toBe(200);
    expect(await statusOf(`/live/show/${RENDITION}/index.m3u8`)).toBe(200);
    expect(await statusOf(SEGMENT, { method: 'HEAD' })).toBe(200);
    expect(refused).toBe(2);
  });

  it('counts copies by byte range', async () => {
    for (let copy = 0; copy < 4; copy++) await statusOf(SEGMENT);
    const first = { headers: { range: 'bytes=0-99999' } };
    expect(await statusOf(SEGMENT, first)).toBe(503);
    const other = `/live/show/${RENDITION}/4.ts?epoch=7`;
    for (let copy = 0; copy < 4; copy++) expect(await statusOf(other, first)).toBe(206);
    expect(await statusOf(other, first)).toBe(503);
    expect(await statusOf(other, { headers: { range: 'bytes=200000-299999' } })).toBe(206);
  });

  it('counts nothing for answers without a body, and for what was not sent', async () => {
    for (let often = 0; often < 20; often++) {
      expect(await statusOf(SEGMENT, { headers: { 'if-none-match': '*' } })).toBe(304);
      expect(await statusOf(SEGMENT, { method: 'HEAD' })).toBe(200);
      expect(await statusOf(SEGMENT, { headers: { range: 'bytes=999999-' } })).toBe(416);
    }
    expect(await statusOf('/live/show/index.m3u8')).toBe(200);
    expect(await statusOf(SEGMENT)).toBe(200);
    expect(await statusOf('/live/show/index.m3u8')).toBe(503);
  });

  it('refuses new viewers, and says when to retry', async () => {
    expect(await statusOf('/live/show/index.m3u8')).toBe(200);
    await statusOf(SEGMENT);
    const newcomer = await get('/live/show/index.m3u8');
    expect(newcomer.status).toBe(503);
    expect(Object.fromEntries(newcomer.headers)).toMatchObject({
      'retry-after': '5',
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
    });
    expect(newcomer.headers.get('access-control-expose-headers')).toContain('Retry-After');
    for (let copy = 0; copy < 3; copy++) await statusOf(SEGMENT);
    expect((await get(SEGMENT)).headers.get('retry-after')).toBe('1');
  });
});

describe('segments', () => {
  beforeEach(() => {
    publish();
  });

  it('are sent whole, immutable, with a strong ETag, and to pages of any site', async () => {
    const response = await get(SEGMENT);
    expect(response.status).toBe(200);
    expect((await bytesOf(response)).equals(DATA)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'video/mp2t',
      'content-length': '300000',
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    });
    expect(response.headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
    expect(counted).toEqual({ 'show segment': 300_000 });
  });

  it('P7: have their piece list beside them, immutable and for pages of any site', async () => {
    const path = `/live/show/${RENDITION}/3.pieces?epoch=7`;
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
    });
    const body = await bytesOf(response);
    const list = decodePieceList(body);
    expect(list).toMatchObject({ bytes: DATA.length, durationMs: 2000 });
    const { start, end } = pieceSpan(DATA.length, 1);
    const second = createHash('sha256').update(DATA.subarray(start, end)).digest();
    expect(Buffer.from(list?.hashes.subarray(32, 64) ?? []).equals(second)).toBe(true);
    expect(counted).toEqual({ 'show pieces': body.length });
    for (const other of ['3.pieces?epoch=8', '4.pieces?epoch=7', '03.pieces?epoch=7', '3.pieces'])
      expect((await get(`/live/show/${RENDITION}/${other}`)).status, other).toBe(404);
  });

  it.each([
    ['bytes=100-199', 100, 200],
    ['bytes=299990-', 299_990, 300_000],
    ['bytes=-5', 299_995, 300_000],
  ])('are sent as a byte range for %s', async (range, start, end) => {
    const response = await get(SEGMENT, { headers: { range } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/300000`);
    expect((await bytesOf(response)).equals(DATA.subarray(start, end))).toBe(true);
    expect(counted).toEqual({ 'show segment': end - start });
  });

  it('answer 416 to a range past the end, and the whole body to several ranges', async () => {
    const beyond = await get(SEGMENT, { headers: { range: 'bytes=300000-' } });
    expect(beyond.status).toBe(416);
    expect(beyond.headers.get('content-range')).toBe('bytes */300000');
    const several = await get(SEGMENT, { headers: { range: 'bytes=0-1,5-6' } });
    expect(several.status).toBe(200);
    expect((await bytesOf(several)).length).toBe(300_000);
  });

  it('honour If-None-Match and If-Range', async () => {
    const etag = (await get(SEGMENT, { method: 'HEAD' })).headers.get('etag') ?? '';
    expect((await get(SEGMENT, { headers: { 'if-none-match': `"other", W/${etag}` } })).status).toBe(304);
    const range = 'bytes=0-9';
    expect((await get(SEGMENT, { headers: { range, 'if-range': etag } })).status).toBe(206);
    expect((await get(SEGMENT, { headers: { range, 'if-range': '"other"' } })).status).toBe(200);
  });

  it('answer HEAD with the headers only, and count no bytes', async () => {
    const response = await get(SEGMENT, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('300000');
    expect((await bytesOf(response)).length).toBe(0);
    expect(counted).toEqual({});
  });

  it('have one URL each', async () => {
    for (const path of [
      `${RENDITION}/3.mp4?epoch=7`,
      `${RENDITION}/3.ts?epoch=07`,
      `${RENDITION}/03.ts?epoch=7`,
      `${RENDITION}/3.ts?epoch=8`,
    ])
      expect((await get(`/live/show/${path}`)).status).toBe(404);
  });

  it('are answered 404 with a clear text and CORS headers when they are not in the buffer', async () => {
    const response = await get(`/live/show/${RENDITION}/2.ts?epoch=7`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('not in the buffer');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('count only the bytes that were written when the viewer disconnects midway', async () => {
    const data = Buffer.alloc(16 * 1024 * 1024);
    stream.buffer.rendition(RENDITION)?.append({ ...MEDIA, data, msn: 4 });
    const socket = connect(port(), '127.0.0.1');
    socket.write(`GET /live/show/${RENDITION}/4.ts?epoch=7 HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'data');
    socket.pause();
    socket.destroy();
    await vi.waitFor(async () => {
      const connections = await new Promise((resolve) => {
        server.getConnections((_error, count) => {
          resolve(count);
        });
      });
      expect(connections).toBe(0);
    });
    expect(counted['show segment']).toBeGreaterThan(0);
    expect(counted['show segment']).toBeLessThan(data.length);
  });
});

describe('segments of a recording', () => {
  it('are fetched on request, by their own path only', async () => {
    const rendition = stream.buffer.declareRendition(RENDITION, { type: 'video' });
    const fetched: number[] = [];
    rendition.appendOnDemand({ msn: 3, durationMs: 2000 }, 'ts');
    rendition.appendOnDemand({ msn: 4, durationMs: 2000 }, 'ts');
    rendition.fetchOnDemand = (msn) => {
      fetched.push(msn);
      return Promise.resolve(msn === 3 ? rendition.putOnDemand(msn, MEDIA) : undefined);
    };
    expect((await get(`/live/show/${RENDITION}/3.mp4?epoch=7`)).status).toBe(404);
    expect((await get(`/live/show/${RENDITION}/3.ts?epoch=8`)).status).toBe(404);
    expect(fetched).toEqual([]);
    expect((await bytesOf(await get(SEGMENT))).equals(DATA)).toBe(true);
    expect((await bytesOf(await get(SEGMENT))).equals(DATA)).toBe(true);
    expect(fetched).toEqual([3]);
    expect((await get(`/live/show/${RENDITION}/4.ts?epoch=7`)).status).toBe(404);
    rendition.fetchOnDemand = () => 'whole';
    const busy = await get(`/live/show/${RENDITION}/4.ts?epoch=7`);
    expect(busy.status).toBe(503);
    expect(busy.headers.get('retry-after')).toBe('2');
    expect(refusals).toEqual(['fetches']);
  });

  it.each([
    ['HEAD', { method: 'HEAD' }, 200],
    ['If-None-Match: *', { headers: { 'if-none-match': '*' } }, 304],
    ['If-None-Match with * in a list', { headers: { 'if-none-match': '"x" , *' } }, 304],
  ])('are not fetched for %s', async (_what, init, status) => {
    const rendition = stream.buffer.declareRendition(RENDITION, { type: 'video' });
    rendition.appendOnDemand({ msn: 3, durationMs: 2000 }, 'ts');
    let fetched = 0;
    rendition.fetchOnDemand = (msn) => {
      fetched++;
      return Promise.resolve(rendition.putOnDemand(msn, MEDIA));
    };
    expect((await get(SEGMENT, init)).status).toBe(status);
    expect((await get(SEGMENT.replace('.ts', '.pieces'), init)).status).toBe(status);
    expect((await get(SEGMENT.replace('/3.', '/4.'), init)).status).toBe(404);
    expect(fetched).toBe(0);
    await get(SEGMENT);
    const loaded = await get(SEGMENT, init);
    expect([loaded.status, loaded.headers.get('etag')]).toEqual([status, expect.any(String)]);
    expect(fetched).toBe(1);
  });
});

describe('init segments', () => {
  it('are served under their hash, immutable', async () => {
    const { init } = publish();
    const response = await get(`/live/show/${RENDITION}/init-${init.hash}.mp4?epoch=7`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('video/mp4');
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(await response.text()).toBe('the init');
    expect(counted).toEqual({ 'show init': 8 });
    expect((await get(`/live/show/${RENDITION}/init-${init.hash}.mp4?epoch=8`)).status).toBe(404);
  });
});

describe('playlists', () => {
  it('lead from the multivariant playlist to the segment', async () => {
    const { rendition } = publish();
    const entry = await get('/live/show/index.m3u8');
    expect(entry.headers.get('content-type')).toBe('application/vnd.apple.mpegurl');
    expect(entry.headers.get('cache-control')).toBe('no-cache');
    const mediaUrl = new URL((await entry.text()).trimEnd().split('\n').at(-1) ?? '', entry.url);
    const media = await fetch(mediaUrl);
    const text = await media.text();
    const segment = new URL(text.trimEnd().split('\n').at(-1) ?? '', media.url);
    expect(segment.pathname + segment.search).toBe(SEGMENT);
    const etag = media.headers.get('etag') ?? '';
    expect((await fetch(mediaUrl, { headers: { 'if-none-match': etag } })).status).toBe(304);
    rendition.append({ ...MEDIA, msn: 4 });
    expect((await fetch(mediaUrl, { headers: { 'if-none-match': etag } })).status).toBe(200);
    expect(counted['show playlist']).toBeGreaterThan(text.length);
  });

  it('are compressed when they are long and the client accepts gzip', async () => {
    const rendition = stream.buffer.declareRendition(RENDITION, { type: 'video' });
    for (let msn = 0; msn < 1000; msn++) rendition.appendOnDemand({ msn, durationMs: 2000 }, 'ts');
    const path = `/live/show/${RENDITION}/index.m3u8`;
    const plain = await get(path, { headers: { 'accept-encoding': 'identity' } });
    const text = await plain.text();
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(counted['show playlist']).toBe(text.length);
    counted = {};
    const gzip = await get(path, { headers: { 'accept-encoding': 'gzip, br' } });
    expect(gzip.headers.get('content-encoding')).toBe('gzip');
    expect(gzip.headers.get('vary')).toBe('Accept-Encoding');
    expect(await gzip.text()).toBe(text);
    expect(counted['show playlist']).toBeLessThan(text.length / 4);
    const etag = gzip.headers.get('etag') ?? '';
    expect(etag).not.toBe(plain.headers.get('etag'));
    const headers = { 'accept-encoding': 'gzip', 'if-none-match': etag };
    expect((await get(path, { headers })).status).toBe(304);
    const refused = await get(path, { headers: { 'accept-encoding': 'gzip;q=0, identity' } });
    expect(refused.headers.get('content-encoding')).toBeNull();
  });

  it('wait for a stream that is starting', async () => {
    const waiting = get('/live/show/index.m3u8');
    await vi.waitFor(() => {
      expect(stream.listenerCount('segment')).toBe(1);
    });
    publish();
    expect((await waiting).status).toBe(200);
    expect(stream.listenerCount('segment')).toBe(0);
  });

  it('are answered 503 with Retry-After and the reason if no media arrives', async () => {
    const response = await get('/live/show/index.m3u8');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await response.text()).toContain('its source is starting');
    stream.buffer.declareRendition(RENDITION, { type: 'video' });
    expect((await get(`/live/show/${RENDITION}/index.m3u8`)).status).toBe(503);
  });

  it('are answered 404 for a stream or a rendition that does not exist', async () => {
    publish();
    for (const path of [
      '/live/nope/index.m3u8',
      '/live/show/0000000b/index.m3u8',
      '/live/show',
      '/live/show/x',
    ])
      expect((await get(path)).status).toBe(404);
    expect(await (await get('/live/nope/index.m3u8')).text()).toContain('Stream "nope" not found');
  });

  it('answer a preflight request, and refuse other methods', async () => {
    const preflight = await get(SEGMENT, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Range');
    expect((await get(SEGMENT, { method: 'POST' })).status).toBe(405);
  });

  it('stop waiting when the viewer disconnects', async () => {
    const waiting = request({ port: port(), host: '127.0.0.1', path: '/live/show/index.m3u8' }).end();
    waiting.on('error', () => undefined);
    await vi.waitFor(() => {
      expect(stream.listenerCount('segment')).toBe(1);
    });
    waiting.destroy();
    await vi.waitFor(() => {
      expect(stream.listenerCount('segment')).toBe(0);
    });
  });
});
