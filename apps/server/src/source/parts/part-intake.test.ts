import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { renderMediaPlaylist } from '../../relay/render-media-playlist.ts';
import { type Feed, LiveStream } from '../../stream/live-stream.ts';
import { startSource } from '../hls-source.ts';

/** Parts per segment, and the duration of each. */
const PARTS = 4;
const PART_MS = 200;

let server: Server;
let stream: LiveStream;
let feed: Feed | undefined;
let asked: string[];
/** Number of parts that the source has, from its start. */
let made: number;
/** Whether a segment equals the sum of its parts. */
let concatenates: boolean;
/** Whether the source hints at the next part, and holds requests for it. */
let hints: boolean;
let held: Map<string, () => void>;
let waiting: { until: number; answer: () => void }[];
let missing: Set<string>;

const box = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, 8]), Buffer.from(`moof${text}`)]);
const part = (number: number) => box(`part ${number}`);

function playlist(): string {
  const whole = Math.floor(made / PARTS);
  const lines = [
    '#EXTM3U',
    '#EXT-X-TARGETDURATION:1',
    '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.6',
    `#EXT-X-PART-INF:PART-TARGET=${PART_MS / 1000}`,
    `#EXT-X-MEDIA-SEQUENCE:${Math.max(0, whole - 4)}`,
    '#EXT-X-MAP:URI="init.mp4"',
  ];
  for (let msn = Math.max(0, whole - 4); msn <= whole; msn++) {
    for (let number = msn * PARTS; number < Math.min(made, (msn + 1) * PARTS); number++)
      lines.push(
        `#EXT-X-PART:DURATION=${PART_MS / 1000},URI="part-${number}.mp4"${number % PARTS === 0 ? ',INDEPENDENT=YES' : ''}`,
      );
    if (msn < whole) lines.push(`#EXTINF:${(PARTS * PART_MS) / 1000},`, `seg-${msn}.mp4`);
  }
  if (hints) lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-${made}.mp4"`);
  return lines.join('\n');
}

function body(path: string): Buffer | string | undefined {
  if (missing.has(path)) return undefined;
  if (path.startsWith('/init')) return Buffer.from('the init');
  const number = Number(/-(\d+)\./.exec(path)?.[1]);
  if (path.startsWith('/part')) return number < made ? part(number) : undefined;
  const parts = Array.from({ length: PARTS }, (_, index) => part(number * PARTS + index));
  if (path.startsWith('/seg')) return Buffer.concat(concatenates ? parts : [box('styp'), ...parts]);
  return undefined;
}

/** Makes one more part. */
function make(): void {
  made++;
  const due = waiting.filter(({ until }) => until < made);
  waiting = waiting.filter(({ until }) => until >= made);
  const path = `/part-${made - 1}.mp4`;
  held.get(path)?.();
  held.delete(path);
  for (const { answer } of due) answer();
}

beforeEach(async () => {
  asked = [];
  made = 3 * PARTS + 1;
  concatenates = true;
  hints = false;
  held = new Map();
  waiting = [];
  missing = new Set();
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://source');
    asked.push(url.pathname + url.search);
    if (url.pathname === '/index.m3u8') {
      const until =
        Number(url.searchParams.get('_HLS_msn') ?? 0) * PARTS +
        Number(url.searchParams.get('_HLS_part') ?? 0);
      const answer = () => response.end(playlist());
      if (until < made) answer();
      else waiting.push({ until, answer });
      return;
    }
    const send = () => {
      const found = body(url.pathname);
      if (found === undefined) response.writeHead(404).end();
      else response.end(found);
    };
    if (hints && url.pathname === `/part-${made}.mp4`) {
      held.set(url.pathname, send);
      response.on('close', () => held.delete(url.pathname));
      return;
    }
    send();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stream = new LiveStream({ name: 'show', epoch: 100 });
});

afterEach(async () => {
  await feed?.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function follow(lowLatency = true): void {
  feed = startSource({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.m3u8`,
    stream,
    lowLatency,
    log: pino({ level: 'silent' }),
    now: () => performance.now(),
    random: () => 0.5,
  });
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 8000, interval: 5 });
const rendition = () => {
  const [only] = stream.buffer.renditions;
  if (only === undefined) throw new Error('no rendition');
  return only;
};
const list = () => renderMediaPlaylist(rendition());

/** Makes parts one by one, each after the previous one has arrived. */
async function makeThrough(last: number): Promise<void> {
  while (made <= last) {
    make();
    const number = made - 1;
    await until(() => {
      const msn = Math.floor(number / PARTS);
      expect(rendition().edge.partsOf(msn).length).toBeGreaterThan(number % PARTS);
    });
  }
}

describe('a source with parts', () => {
  it('has each part passed on while its segment is in progress, and requested once it exists', async () => {
    follow();
    await until(() => {
      expect(list()).toContain('URI="3.0.m4s?epoch=100",INDEPENDENT=YES');
    });
    expect(list()).not.toContain('3.1.m4s?epoch=100"\n#EXT-X-PART');
    await makeThrough(3 * PARTS + 2);
    expect(rendition().edge.part({ epoch: 100, msn: 3, part: 2 })?.data).toEqual(part(3 * PARTS + 2));
    expect(rendition().segment(100, 3)).toBeUndefined();
    // The source held every load after the first until the next part existed, so each one found something new.
    await until(() => {
      const loads = asked.filter((path) => path.startsWith('/index'));
      expect(loads.slice(0, 4)).toEqual([
        '/index.m3u8',
        '/index.m3u8?_HLS_msn=3&_HLS_part=1',
        '/index.m3u8?_HLS_msn=3&_HLS_part=2',
        '/index.m3u8?_HLS_msn=3&_HLS_part=3',
      ]);
    });
  });

  it('gets the parts of its newest complete segment listed from the start, so that players can join at once', async () => {
    follow();
    await until(() => {
      expect(list()).toContain('3.0.m4s');
    });
    expect(list()).toContain('URI="2.0.m4s?epoch=100",INDEPENDENT=YES');
    expect(rendition().edge.partsOf(2)).toHaveLength(PARTS);
    expect(rendition().segment(100, 2)?.parts).toHaveLength(PARTS);
    expect(rendition().edge.partsOf(1)).toHaveLength(0);
  });

  it('gets a request for the hinted part before that is listed, and one request for each part', async () => {
    hints = true;
    follow();
    await until(() => {
      expect(held.has(`/part-${made}.mp4`)).toBe(true);
    });
    for (let count = 0; count < 2 * PARTS; count++) {
      await makeThrough(made);
      await until(() => {
        expect(held.has(`/part-${made}.mp4`)).toBe(true);
      });
    }
    const parts = asked.filter((path) => path.startsWith('/part'));
    expect(new Set(parts).size).toBe(parts.length);
    expect(rendition().segment(100, 4)?.data).toEqual(body('/seg-4.mp4'));
    await feed?.stop();
    feed = undefined;
    await until(() => {
      expect(held.size).toBe(0);
    });
  });

  it('gets a second request for a hinted part that it did not have', async () => {
    hints = true;
    follow();
    await until(() => {
      expect(held.has(`/part-${made}.mp4`)).toBe(true);
    });
    missing.add(`/part-${made}.mp4`);
    held.get(`/part-${made}.mp4`)?.();
    held.clear();
    missing.clear();
    await makeThrough(made);
    await makeThrough(made);
    expect(rendition().edge.partsOf(3)).toHaveLength(3);
  });

  it('gets its segments joined from their parts after one was compared', async () => {
    follow();
    await until(() => {
      expect(list()).toContain('3.0.m4s');
    });
    await makeThrough(5 * PARTS);
    const whole = asked.filter((path) => path.startsWith('/seg'));
    expect(whole.sort()).toEqual([0, 1, 2].map((msn) => `/seg-${msn}.mp4`));
    expect(rendition().segment(100, 4)?.data).toEqual(body('/seg-4.mp4'));
    expect(list()).toContain('URI="4.3.m4s?epoch=100"\n#EXTINF:0.8,\n4.m4s?epoch=100\n');
  });

  it('gets segments fetched whole if they are not the sum of their parts', async () => {
    concatenates = false;
    follow();
    await until(() => {
      expect(list()).toContain('3.0.m4s');
    });
    await makeThrough(5 * PARTS);
    expect(asked).toContain('/seg-4.mp4');
    expect(rendition().segment(100, 4)?.data).toEqual(body('/seg-4.mp4'));
    expect(rendition().edge.partsOf(4)).toHaveLength(PARTS);
  });

  it('loses the parts of a segment if one of them is missing, and continues with the next segment', async () => {
    follow();
    await until(() => {
      expect(list()).toContain('3.0.m4s');
    });
    missing.add(`/part-${3 * PARTS + 1}.mp4`);
    for (let count = 0; count < PARTS; count++) {
      make();
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await until(() => {
      expect(rendition().segment(100, 3)?.data).toEqual(body('/seg-3.mp4'));
      expect(list()).toContain('URI="4.0.m4s?epoch=100",INDEPENDENT=YES');
    });
    expect(list()).not.toContain('URI="3.');
  });

  it('is followed by its segments only when low latency is off', async () => {
    follow(false);
    await until(() => {
      expect(rendition().segment(100, 2)).toBeDefined();
    });
    expect(list()).not.toMatch(/PART|SERVER-CONTROL/);
    expect(asked.some((path) => path.includes('_HLS') || path.startsWith('/part'))).toBe(false);
  });
});
