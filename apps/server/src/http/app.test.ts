import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Router } from 'express';
import { pino } from 'pino';
import request from 'supertest';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StreamBuffer } from '../buffer/stream-buffer.ts';
import { Metrics } from '../metrics/metrics.ts';
import { createApp } from './app.ts';
import type { PagesParts } from './pages.ts';

/** Writes pages as the build does. */
function buildPages(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'freshet-pages-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  mkdirSync(path.join(folder, 'assets'));
  mkdirSync(path.join(folder, 'watch'));
  writeFileSync(path.join(folder, 'index.html'), '<title>home</title>');
  writeFileSync(path.join(folder, 'watch/index.html'), '<title>watch</title>');
  writeFileSync(path.join(folder, 'embed.js'), `(() => {})();${'/* long */'.repeat(1000)}`);
  writeFileSync(path.join(folder, 'assets/watch-a1b2c3.js'), 'export {};');
  return folder;
}

function open({
  basePath = '',
  built = true,
  log = pino({ level: 'silent' }),
  media = undefined as PagesParts['media'],
} = {}) {
  const clock = { now: 10_000 };
  const state = { draining: false };
  const metrics = new Metrics(() => clock.now);
  const buffer = new StreamBuffer({ epoch: 7, bufferBytes: 25 });
  const rendition = buffer.declareRendition('0000000a', { type: 'video' });
  const bytes = { data: Buffer.alloc(10), contentType: 'video/mp2t', extension: 'ts', durationMs: 2000 };
  for (let msn = 0; msn < 3; msn++) rendition.append({ ...bytes, msn });
  const problem = { reason: 'silent' as const, message: 'nothing of rtmp://secret came' };
  const streams = [{ name: 'live', state: 'stale' as const, problem, bufferSeconds: 41.26, buffer }];
  const relay = Router()
    .get('/live/:stream/index.m3u8', (_request, response) => void response.send('multivariant'))
    .get('/live/:stream/:rendition/index.m3u8', (_request, response) => void response.send('media'))
    .get('/live/:stream/:epoch/:rendition/:file', (_request, response) => void response.send('segment'))
    .get('/live/broken', () => {
      throw new Error('broken');
    });
  const app = createApp({
    networkOf: (address) => address,
    config: { basePath, trustProxy: 0, logAddresses: 'prefix' },
    relay,
    ingest: Router(),
    log,
    streams: () => streams,
    streamNames: () => streams.map(({ name }) => name),
    hasStream: (name) => streams.some((stream) => stream.name === name),
    viewers: () => 3,
    isPerViewer: () => true,
    media,
    metrics,
    isDraining: () => state.draining,
    uptimeSeconds: () => 12.4,
    folder: built ? buildPages() : path.join(tmpdir(), 'freshet-no-such-folder'),
  });
  return { get: (address: string) => request(app).get(address), clock, state, metrics };
}

describe('status', () => {
  it('is healthy while a source is down, because the server itself works', async () => {
    const { get } = open();
    const health = await get('/healthz');
    expect(health.status).toBe(200);
    expect(health.body).toEqual({
      ok: true,
      draining: false,
      uptimeSeconds: 12,
      streams: [
        {
          name: 'live',
          state: 'stale',
          problem: 'silent',
          bufferSeconds: 41.3,
          windowSeconds: 4,
          windowCutBy: 'bytes',
          viewers: 3,
          sharing: 'off: segments differ from viewer to viewer',
        },
      ],
    });
  });

  it('answers 503 to health checks and to all other requests while the server shuts down', async () => {
    const { get, state, metrics } = open();
    state.draining = true;
    expect((await get('/healthz')).status).toBe(503);
    const refused = await get('/live/live/1/a/2.ts');
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({ connection: 'close', 'retry-after': '5' });
    expect(await metrics.registry.metrics()).toContain('freshet_refused_requests_total{reason="draining"} 1');
  });

  it('lists streams with addresses relative to the root, and allows any origin', async () => {
    const list = await open().get('/api/streams');
    expect(list.body).toEqual({
      streams: [{ name: 'live', state: 'stale', viewers: 3, playlist: 'live/live/index.m3u8' }],
    });
    expect(list.headers['access-control-allow-origin']).toBe('*');
  });

  it('exports its metrics to Prometheus', async () => {
    const { get, metrics } = open();
    metrics.countOriginBytes('live', 'segment', 5);
    const { text, headers } = await get('/metrics');
    expect(headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(text).toContain('freshet_origin_bytes_total{stream="live",kind="segment"} 5');
  });
});

describe('pages', () => {
  it('are served with policies that let them play and be embedded', async () => {
    const { text, headers } = await open().get('/watch/live');
    expect(text).toContain('watch');
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers['x-frame-options']).toBeUndefined();
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
    const policy = headers['content-security-policy'];
    for (const part of ["media-src 'self' blob:", "worker-src 'self' blob:", 'ws: wss:', 'frame-ancestors *'])
      expect(policy).toContain(part);
    expect(policy).not.toContain('upgrade-insecure-requests');
  });

  it('let clients cache hashed files for a year, and the embed for five minutes', async () => {
    const { get } = open();
    const asset = await get('/assets/watch-a1b2c3.js');
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const embed = await get('/embed.js');
    expect(embed.headers).toMatchObject({
      'cache-control': 'public, max-age=300',
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
      'content-encoding': 'gzip',
    });
    const again = await get('/embed.js').set('If-None-Match', String(embed.headers['etag']));
    expect(again.status).toBe(304);
  });

  it('redirect to the address at which their relative addresses work', async () => {
    const { get } = open();
    expect((await get('/watch/live/')).headers['location']).toBe('../live');
    const below = open({ basePath: '/a/b' });
    const bare = await below.get('/a/b');
    expect([bare.status, bare.headers['location']]).toEqual([301, 'b/']);
    expect((await below.get('/a/b/')).text).toContain('home');
    expect((await below.get('/a/b/watch/live')).text).toContain('watch');
    expect((await below.get('/a/b/live/live/index.m3u8')).text).toBe('multivariant');
    expect((await below.get('/watch/live')).status).toBe(404);
  });

  it('say how to build them when they are not built', async () => {
    const { get } = open({ built: false });
    for (const address of ['/', '/watch/live', '/embed.js']) {
      const { status, text } = await get(address);
      expect(status).toBe(503);
      expect(text).toBe('The pages are not built. Run "npm run build" in the project, then reload.\n');
    }
  });

  it('are never served from outside their folder', async () => {
    const { get } = open();
    for (const address of ['/assets/../../x', '/assets/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd'])
      expect([403, 404]).toContain((await get(address)).status);
  });
});

it('logs each request at level debug, without the query', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const { get } = open({ log });
  await get('/healthz?token=secret');
  await expect.poll(() => lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ path: '/healthz', status: 200, whole: true });
  expect(lines[0]).not.toContain('secret');
});

describe('a request that fails', () => {
  it('is answered with a page that links to the streams, at any depth', async () => {
    const { get } = open({ basePath: '/tv' });
    const unknown = await get('/tv/watch/other').set('Accept', 'text/html');
    expect(unknown.status).toBe(404);
    expect(unknown.text).toContain('href="../watch/live"');
    expect((await get('/tv/x').set('Accept', 'text/html')).text).toContain('href="./watch/live"');
    expect((await get('/tv/a/b/c').set('Accept', 'text/html')).text).toContain('href="../../"');
  });

  it('is answered with JSON or text for programs', async () => {
    const { get } = open();
    expect((await get('/x').set('Accept', 'application/json')).body).toEqual({
      error: 'not-found',
      streams: ['live'],
    });
    expect((await get('/x').set('Accept', 'video/mp4')).text).toContain('Available streams: live');
  });

  it('is answered 400 when its address cannot be decoded', async () => {
    expect((await open().get('/watch/%ff')).status).toBe(400);
  });

  it('reveals no internals when its handler throws', async () => {
    const { status, text } = await open().get('/live/broken');
    expect([status, text]).toEqual([500, 'Internal server error.\n']);
  });
});

it.each([
  ['here', false],
  ['anywhere', true],
] as const)('lets the watch page fetch segments from %s', async (media, elsewhere) => {
  const { get } = open({ media });
  const policy = (await get('/watch/live')).headers['content-security-policy'] ?? '';
  expect(/connect-src[^;]* https:/.test(policy)).toBe(elsewhere);
});
