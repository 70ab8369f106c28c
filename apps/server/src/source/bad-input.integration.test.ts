import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';
import { type Feed, LiveStream } from '../stream/live-stream.ts';
import type { FaultReason } from '../stream/source-fault.ts';
import { SOURCE_TIMES } from './fetch/source-times.ts';
import { startSource } from './hls-source.ts';

type Answer = string | Buffer | ((response: ServerResponse) => void);

/** A stream of two variants, one of which is correct. */
const MASTER = [
  '#EXTM3U',
  '#EXT-X-STREAM-INF:BANDWIDTH=1000',
  'good/index.m3u8',
  '#EXT-X-STREAM-INF:BANDWIDTH=2000',
  'bad/index.m3u8',
].join('\n');

let server: Server;
let stream: LiveStream;
let feed: Feed;
/** What the media server has. It answers 404 for anything else. */
let files: Map<string, Answer>;
let asked: string[];
let faults: Set<FaultReason>;
let mistakes: string[];

beforeEach(async () => {
  files = new Map<string, Answer>([['/master.m3u8', MASTER]]);
  asked = [];
  faults = new Set();
  mistakes = [];
  stream = new LiveStream({ name: 'show', epoch: 100 });
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const answer = files.get(path);
    if (typeof answer === 'function') answer(response);
    else if (answer === undefined) response.writeHead(404).end();
    else response.end(answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  await feed.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function follow(): void {
  const patience = { headersMs: 300, idleMs: 300, wholeMs: 600 };
  const write = (line: string) => mistakes.push(line);
  feed = startSource({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/master.m3u8`,
    stream,
    log: pino({ level: 'error' }, { write }),
    now: () => performance.now(),
    random: () => 0.5,
    onFault: (reason) => faults.add(reason),
    times: {
      ...SOURCE_TIMES,
      playlist: { ...patience, maxBytes: 100_000 },
      segment: patience,
      startBudgetMs: 300,
    },
  });
}

function ts(text: string): Buffer {
  const packet = Buffer.alloc(188);
  packet.write(`G${text}`);
  return packet;
}

/** A list of 1 s segments in the folder. Files that do not exist yet are created correct. */
function publish(folder: string, last: number): void {
  const lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:1', '#EXT-X-MEDIA-SEQUENCE:0'];
  for (let msn = 0; msn <= last; msn++) {
    lines.push('#EXTINF:1,', `${msn}.ts`);
    const path = `/${folder}/${msn}.ts`;
    if (!files.has(path)) files.set(path, ts(`${folder} ${msn}`));
  }
  files.set(`/${folder}/index.m3u8`, lines.join('\n'));
}

function rendition(bandwidth: number): RenditionBuffer {
  const found = [...stream.buffer.renditions].find(({ attributes }) => attributes.bandwidth === bandwidth);
  if (found === undefined) throw new Error(`no variant of ${bandwidth}`);
  return found;
}
const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 20 });
const held = (of: RenditionBuffer) =>
  of.entries.filter(({ segment }) => segment !== undefined).map(({ msn }) => msn);

/** Checks that the good variant continues, that the stream is live, and that no unexpected error was logged. */
async function goodGoesOn(): Promise<void> {
  publish('good', 3);
  await until(() => {
    expect(held(rendition(1000))).toEqual([0, 1, 2, 3]);
  });
  expect(stream.state).toBe('live');
  expect(mistakes).toEqual([]);
}

const list = (...lines: string[]) => ['#EXTM3U', '#EXT-X-TARGETDURATION:1', ...lines].join('\n');

describe('a bad playlist makes its rendition unavailable, and no other', { timeout: 20_000 }, () => {
  it.each<[string, Answer, FaultReason]>([
    ['a multivariant playlist that leads to itself', MASTER.replace('bad/', '/bad/'), 'bad-playlist'],
    ['a page', '<!doctype html><title>Log in</title>', 'not-a-playlist'],
    [
      'binary',
      Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 37) & 0xff)),
      'not-a-playlist',
    ],
    ['nothing', '', 'not-a-playlist'],
    ['a huge one', list(...new Array<string>(100_000).fill('#EXTINF:1,\na.ts')), 'too-large'],
    ['an endless one', (response) => void dripForEver(response), 'timeout'],
    [
      'one that stops in the middle',
      (response) => response.writeHead(200, { 'content-length': 999 }).write('#EXTM3U'),
      'timeout',
    ],
    ['a truncated one', (response) => void cutOff(response, '#EXTM3U\n#EXTINF:1,\n0.ts\n'), 'network'],
    ['no answer', () => undefined, 'timeout'],
    ['an error', (response) => response.writeHead(500).end(), 'status'],
    [
      'redirects in a circle',
      (response) => response.writeHead(302, { location: '/bad/index.m3u8' }).end(),
      'redirects',
    ],
    [
      'a redirect to a forbidden address',
      (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      'address',
    ],
    [
      'a target duration of a day',
      list('#EXT-X-TARGETDURATION:86400', '#EXTINF:1,', '0.ts').replace('N:1\n', 'N:86400\n'),
      'bad-playlist',
    ],
    ['a negative media sequence', list('#EXT-X-MEDIA-SEQUENCE:-7', '#EXTINF:1,', '0.ts'), 'bad-playlist'],
    ['a byte range of nothing', list('#EXT-X-BYTERANGE:0@0', '#EXTINF:1,', '0.ts'), 'bad-playlist'],
    ['an undefined variable', list('#EXT-X-DEFINE:IMPORT="none"', '#EXTINF:1,', '0.ts'), 'bad-playlist'],
    ['an invalid address', list('#EXTINF:1,', 'file:///etc/passwd'), 'bad-playlist'],
  ])('%s', async (_what, answer, reason) => {
    publish('good', 1);
    files.set('/bad/index.m3u8', answer);
    follow();
    await until(() => {
      expect(faults).toEqual(new Set([reason]));
    });
    await goodGoesOn();
    await until(() => {
      expect(rendition(2000).available).toBe(false);
    });
    expect(held(rendition(2000))).toEqual([]);
    expect(stream.playable).toBe(true);
  });

  it('waits when a list has no segment yet', async () => {
    publish('good', 1);
    files.set('/bad/index.m3u8', list('#EXTINF:1,'));
    follow();
    await goodGoesOn();
    publish('bad', 0);
    await until(() => {
      expect(held(rendition(2000))).toEqual([0]);
    });
  });
});

describe('a bad segment becomes a gap, and the others continue', { timeout: 20_000 }, () => {
  it.each<[string, Answer | undefined, FaultReason]>([
    ['404', undefined, 'status'],
    ['a page', '<html>', 'not-media'],
    ['empty', '', 'not-media'],
    [
      'longer than any segment may be',
      (response) => response.writeHead(200, { 'content-length': 1e9 }).end(),
      'too-large',
    ],
    [
      'an encoding that was not requested',
      (response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'),
      'encoding',
    ],
  ])('%s', async (_what, answer, reason) => {
    publish('good', 1);
    publish('bad', 1);
    follow();
    await until(() => {
      expect(held(rendition(2000))).toEqual([0, 1]);
    });
    publish('bad', 4);
    if (answer === undefined) files.delete('/bad/2.ts');
    else files.set('/bad/2.ts', answer);
    await until(() => {
      expect(held(rendition(2000))).toEqual([0, 1, 3, 4]);
    });
    expect(faults).toEqual(new Set([reason]));
    await goodGoesOn();
    expect(rendition(2000).available).toBe(true);
  });

  it.each<[string, Answer, FaultReason]>([
    ['stalls', () => undefined, 'timeout'],
    ['is shorter than its Content-Length', (response) => void cutOff(response, 'G'), 'network'],
    ['is an error', (response) => response.writeHead(503).end(), 'status'],
  ])(
    'retries a segment that %s until it has kept the others waiting for too long',
    async (_what, answer, reason) => {
      publish('good', 1);
      publish('bad', 1);
      follow();
      await until(() => {
        expect(held(rendition(2000))).toEqual([0, 1]);
      });
      publish('bad', 4);
      files.set('/bad/2.ts', answer);
      await until(() => {
        expect(asked.filter((path) => path === '/bad/2.ts').length).toBeGreaterThan(1);
      });
      expect(faults).toEqual(new Set([reason]));
      await goodGoesOn();
      await until(() => {
        expect(held(rendition(2000))).toEqual([0, 1, 3, 4]);
      });
    },
  );

  it('keeps a segment as it was read when the source changes it', async () => {
    publish('good', 1);
    publish('bad', 2);
    follow();
    await until(() => {
      expect(held(rendition(2000))).toEqual([0, 1, 2]);
    });
    files.set('/bad/1.ts', ts('another'));
    publish('bad', 3);
    await until(() => {
      expect(held(rendition(2000))).toEqual([0, 1, 2, 3]);
    });
    expect(rendition(2000).segment(100, 1)?.data.equals(ts('bad 1'))).toBe(true);
    expect(asked.filter((path) => path === '/bad/1.ts').length).toBe(1);
  });
});

async function cutOff(response: ServerResponse, text: string): Promise<void> {
  response.writeHead(200, { 'content-length': 999 });
  await new Promise((resolve) => response.write(text, resolve));
  response.destroy();
}

async function dripForEver(response: ServerResponse): Promise<void> {
  response.write('#EXTM3U\n');
  while (!response.destroyed) {
    response.write('#\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
