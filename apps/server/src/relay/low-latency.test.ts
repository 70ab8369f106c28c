import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { decodePieceList } from '@freshet/protocol';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import { LiveStream } from '../stream/live-stream.ts';
import { StreamDirectory } from '../stream/stream-directory.ts';
import { PrefixShare } from '../guard/prefix-share.ts';
import { roomyBudgets } from '../testing/roomy-budgets.ts';
import { HeldRequests } from './held-requests.ts';
import { readDirectives, reloadState } from './reload-directives.ts';
import { relayRouter } from './relay-router.ts';

const TYPE = { contentType: 'video/mp4', extension: 'm4s' };
const LIST = '/live/show/0000000a/index.m3u8';

let server: Server;
let stream: LiveStream;
let rendition: RenditionBuffer;
let stopping: AbortController;
let refusals: string[];

beforeEach(async () => {
  const directory = new StreamDirectory();
  stream = new LiveStream({ name: 'show', epoch: 7 });
  directory.add(stream);
  rendition = stream.buffer.declareRendition('0000000a', { type: 'video' });
  stopping = new AbortController();
  refusals = [];
  const app = express().set('trust proxy', 1);
  app.use(
    relayRouter({
      ...{ directory, originBytes: { add: () => undefined } },
      // For ten viewers: 40 held requests.
      budgets: roomyBudgets((budget) => refusals.push(budget), 10),
      stopping: stopping.signal,
    }),
  );
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const get = (path: string, init?: RequestInit) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init);
const text = async (path: string) => (await get(path)).text();

/** The bytes of a part, which identify it. */
const bytes = (msn: number, part: number) => `<${msn}.${part}>`;

function begin(msn: number): void {
  const init = rendition.putInit(Buffer.from('the init'), 'video/mp4');
  const lines = [`#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:${String(msn).padStart(2, '0')}Z`];
  rendition.edge.begin({ msn, epoch: 7, timeline: 0, lines, keys: [], init, initKeys: [] }, TYPE);
}

function add(msn: number, part: number): void {
  rendition.edge.add({ data: Buffer.from(bytes(msn, part)), durationMs: 500, independent: part === 0 });
}

/** Publishes segments of 1 s, of two parts each, and then `open` parts of the next segment. */
function publish(first: number, last: number, open = 0): void {
  rendition.edge.offer(500);
  for (let msn = first; msn <= last; msn++) {
    begin(msn);
    add(msn, 0);
    add(msn, 1);
    const { lines = [], init } = rendition.edge.open ?? {};
    rendition.append({
      msn,
      data: Buffer.from(bytes(msn, 0) + bytes(msn, 1)),
      durationMs: 1000,
      lines: [...lines, '#EXTINF:1.000,'],
      init,
      ...TYPE,
    });
  }
  if (open > 0) begin(last + 1);
  for (let part = 0; part < open; part++) add(last + 1, part);
}

describe('the playlist of a rendition with parts', () => {
  it('lists the parts of the last three target durations, those of the open segment, and the hint', async () => {
    publish(0, 5, 1);
    const lines = (await text(LIST)).trimEnd().split('\n');
    const map = lines.find((line) => line.startsWith('#EXT-X-MAP'));
    expect(lines.slice(0, 6)).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:9',
      '#EXT-X-TARGETDURATION:1',
      '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=6,PART-HOLD-BACK=1.5,HOLD-BACK=3',
      '#EXT-X-PART-INF:PART-TARGET=0.5',
      '#EXT-X-MEDIA-SEQUENCE:0',
    ]);
    expect(lines.filter((line) => line === map)).toHaveLength(1);
    expect(lines.slice(-8)).toEqual([
      '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:05Z',
      '#EXT-X-PART:DURATION=0.5,URI="5.0.m4s?epoch=7",INDEPENDENT=YES',
      '#EXT-X-PART:DURATION=0.5,URI="5.1.m4s?epoch=7"',
      '#EXTINF:1.000,',
      '5.m4s?epoch=7',
      '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:06Z',
      '#EXT-X-PART:DURATION=0.5,URI="6.0.m4s?epoch=7",INDEPENDENT=YES',
      '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="6.1.m4s?epoch=7"',
    ]);
    expect(lines.filter((line) => line.includes('URI="2.'))).toEqual([]);
    expect(lines.filter((line) => line.includes('URI="3.'))).toHaveLength(2);
  });

  it('omits segments older than the skip boundary from a delta update', async () => {
    publish(0, 9, 1);
    const full = (await text(LIST)).split('\n');
    const delta = (await text(`${LIST}?_HLS_skip=YES`)).split('\n');
    expect(delta).toContain('#EXT-X-SKIP:SKIPPED-SEGMENTS=4');
    expect(delta).toContain('#EXT-X-MEDIA-SEQUENCE:0');
    // The rest equals the end of the full list.
    const end = full.slice(full.indexOf('3.m4s?epoch=7') + 1);
    expect(delta.slice(-end.length)).toEqual(end);
    expect(delta.some((line) => line.startsWith('#EXT-X-MAP'))).toBe(false);
  });

  it('reports the newest media of the stream’s other renditions', async () => {
    publish(0, 2, 2);
    stream.buffer.declareRendition('0000000b', { type: 'audio' });
    const [other] = [...stream.buffer.renditions].filter(({ id }) => id === '0000000b');
    other?.append({ msn: 2, data: Buffer.from('x'), durationMs: 1000, ...TYPE });
    expect(await text(LIST)).not.toContain('RENDITION-REPORT');
    other?.edge.offer(500);
    other?.append({ msn: 3, data: Buffer.from('x'), durationMs: 1000, ...TYPE });
    expect(await text(LIST)).toContain(
      '#EXT-X-RENDITION-REPORT:URI="../0000000b/index.m3u8",LAST-MSN=3,LAST-PART=0\n',
    );
    expect(await text('/live/show/0000000b/index.m3u8')).toContain(
      '#EXT-X-RENDITION-REPORT:URI="../0000000a/index.m3u8",LAST-MSN=3,LAST-PART=1\n',
    );
  });

  it('is an ordinary list once the stream has ended', async () => {
    publish(0, 3);
    rendition.setEnded(true);
    const list = await text(LIST);
    expect(list).toContain('#EXT-X-ENDLIST');
    expect(list).not.toMatch(/PART|SERVER-CONTROL/);
  });
});

describe('a held request', () => {
  it('for a playlist is answered when the part that it waits for exists', async () => {
    publish(0, 2, 1);
    const asked = text(`${LIST}?_HLS_msn=3&_HLS_part=1`);
    const segment = text(`${LIST}?_HLS_msn=3`);
    await new Promise((resolve) => setTimeout(resolve, 60));
    add(3, 1);
    expect(await asked).toContain('URI="3.1.m4s?epoch=7"');
    rendition.append({ msn: 3, data: Buffer.from('x'), durationMs: 1000, ...TYPE });
    expect(await segment).toContain('\n3.m4s?epoch=7\n');
  });

  it('for the hinted part is answered when the part exists, even in a segment that has not begun', async () => {
    publish(0, 2);
    const hinted = get('/live/show/0000000a/3.0.m4s?epoch=7');
    await new Promise((resolve) => setTimeout(resolve, 60));
    begin(3);
    add(3, 0);
    const response = await hinted;
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(bytes(3, 0));
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect((await get('/live/show/0000000a/3.2.m4s?epoch=7')).status).toBe(404);
    expect((await get('/live/show/0000000a/2.1.m4s?epoch=8')).status).toBe(404);
    expect((await get('/live/show/0000000a/2.1.ts?epoch=7')).status).toBe(404);
    expect(await text('/live/show/0000000a/2.1.m4s?epoch=7')).toBe(bytes(2, 1));
  });

  it('for a part that never comes is answered 404 when its segment ends', async () => {
    publish(0, 2, 2);
    const hinted = get('/live/show/0000000a/3.2.m4s?epoch=7');
    await new Promise((resolve) => setTimeout(resolve, 60));
    rendition.append({ msn: 3, data: Buffer.from('x'), durationMs: 1000, ...TYPE });
    expect((await hinted).status).toBe(404);
  });

  it('ends with 503 when the server stops', async () => {
    publish(0, 2, 1);
    const asked = get(`${LIST}?_HLS_msn=4`);
    await new Promise((resolve) => setTimeout(resolve, 60));
    stopping.abort();
    expect((await asked).status).toBe(503);
    expect((await get(`${LIST}?_HLS_msn=3`)).status).toBe(503);
  });

  it('is answered 400 when its directives are too far ahead or invalid', async () => {
    publish(0, 2, 1);
    for (const query of ['_HLS_msn=5', '_HLS_msn=3&_HLS_part=7', '_HLS_part=1', '_HLS_msn=-1', '_HLS_msn=x'])
      expect((await get(`${LIST}?${query}`)).status, query).toBe(400);
  });
});

describe('parts in the swarm', () => {
  it('P7: the piece list of a part is served beside it', async () => {
    publish(0, 2, 1);
    const response = await get('/live/show/0000000a/3.0.pieces?epoch=7');
    const list = decodePieceList(new Uint8Array(await response.arrayBuffer()));
    expect(list).toMatchObject({ bytes: bytes(3, 0).length, durationMs: 500 });
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect((await get('/live/show/0000000a/3.0.pieces?epoch=8')).status).toBe(404);
    expect((await get('/live/show/0000000a/9.0.pieces?epoch=7')).status).toBe(404);
  });

  it('P8: the list of a segment that is the sum of its parts joins the lists of the parts', async () => {
    publish(0, 2);
    const response = await get('/live/show/0000000a/2.pieces?epoch=7');
    const list = decodePieceList(new Uint8Array(await response.arrayBuffer()));
    const hash = (part: number) => createHash('sha256').update(bytes(2, part)).digest();
    expect(Buffer.from(list?.hashes ?? [])).toEqual(Buffer.concat([hash(0), hash(1)]));
    expect(list?.parts).toEqual([
      { bytes: bytes(2, 0).length, durationMs: 500 },
      { bytes: bytes(2, 1).length, durationMs: 500 },
    ]);
  });

  it('are served as long as their segment is, even when no longer listed', async () => {
    publish(0, 20);
    expect(rendition.edge.partsOf(1)).toEqual([]);
    expect(await text('/live/show/0000000a/1.1.m4s?epoch=7')).toBe(bytes(1, 1));
    const response = await get('/live/show/0000000a/1.1.pieces?epoch=7');
    const list = decodePieceList(new Uint8Array(await response.arrayBuffer()));
    expect(list?.hashes).toEqual(new Uint8Array(createHash('sha256').update(bytes(1, 1)).digest()));
    expect((await get('/live/show/0000000a/1.2.m4s?epoch=7')).status).toBe(404);
  });
});

describe('requests that wait', () => {
  it('of one network are bounded, and leave room for those of others', async () => {
    publish(0, 1, 1);
    const ask = (from: string, path: string) =>
      get(`/live/show/0000000a/${path}`, { headers: { 'x-forwarded-for': from } }).then(
        ({ status }) => status,
      );
    const paths = ['index.m3u8?_HLS_msn=2&_HLS_part=1', '2.1.m4s?epoch=7'];
    const attack = Array.from({ length: 60 }, (_, index) =>
      ask(`203.0.113.${index}`, paths[index % 2] ?? ''),
    );
    await expect.poll(() => refusals.length).toBe(60 - 33);
    const honest = paths.map((path) => ask('198.51.100.7', path));
    // Answered at once: by then the two that wait have arrived.
    await ask('198.51.100.7', 'index.m3u8');
    add(2, 1);
    expect(await Promise.all(honest)).toEqual([200, 200]);
    const statuses = await Promise.all(attack);
    expect(statuses.filter((status) => status === 200)).toHaveLength(33);
    expect(refusals).toEqual(new Array(27).fill('held'));
  });
});

describe('HeldRequests', () => {
  it('holds a bounded number of requests for a bounded time, and drops those of clients that are gone', async () => {
    publish(0, 1);
    const places = new PrefixShare(1);
    const held = new HeldRequests(places).of('a');
    const make = () => new ServerResponse(new IncomingMessage(new Socket()));
    const never = () => false;
    const first = make();
    const waiting = held.hold(rendition.edge, first, 10_000, never);
    expect(await held.hold(rendition.edge, make(), 10_000, never)).toBe('full');
    first.emit('close');
    expect(await waiting).toBe('gone');
    expect(places.taken).toBe(0);
    vi.useFakeTimers();
    const late = held.hold(rendition.edge, make(), 3000, never);
    vi.advanceTimersByTime(3000);
    vi.useRealTimers();
    expect(await late).toBe('late');
    expect(places.taken).toBe(0);
  });
});

describe('delivery directives', () => {
  it.each([
    ['no directive', {}, 'now'],
    ['an existing segment', { _HLS_msn: '2' }, 'now'],
    ['the open segment', { _HLS_msn: '3' }, 'wait'],
    ['an existing part', { _HLS_msn: '3', _HLS_part: '0' }, 'now'],
    ['the next part', { _HLS_msn: '3', _HLS_part: '1' }, 'wait'],
    ['the last part within the limit of six', { _HLS_msn: '3', _HLS_part: '6' }, 'wait'],
    ['a part beyond the limit', { _HLS_msn: '3', _HLS_part: '7' }, 'refuse'],
    ['the segment after the open one', { _HLS_msn: '4', _HLS_part: '0' }, 'wait'],
    ['a segment further ahead', { _HLS_msn: '5' }, 'refuse'],
  ])('%s', (_name, query, state) => {
    publish(0, 2, 1);
    const directives = readDirectives(query);
    expect(directives && reloadState(directives, rendition)).toBe(state);
  });
});
