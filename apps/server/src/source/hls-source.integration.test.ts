import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { multivariantBody } from '../relay/list-bodies.ts';
import { renderMediaPlaylist } from '../relay/render-media-playlist.ts';
import { type Feed, LiveStream } from '../stream/live-stream.ts';
import { SOURCE_TIMES } from './fetch/source-times.ts';
import { startSource } from './hls-source.ts';

type Answer = string | Buffer | ((request: IncomingMessage, response: ServerResponse) => void) | undefined;

let server: Server;
let port = 0;
let stream: LiveStream;
let feed: Feed | undefined;
/** What the media server has. It answers 404 for anything else. */
let files: Map<string, Answer>;
let asked: string[];
let logged: { level: number; msg: string; state?: string }[];

beforeEach(async () => {
  files = new Map();
  asked = [];
  logged = [];
  stream = new LiveStream({ name: 'show', epoch: 100 });
  await listen(0);
});

afterEach(async () => {
  await feed?.stop();
  feed = undefined;
  await shut();
});

async function listen(at: number): Promise<void> {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const answer = files.get(path);
    if (typeof answer === 'function') answer(request, response);
    else if (answer === undefined) response.writeHead(404).end();
    else response.end(answer);
  }).listen(at, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
}

async function shut(): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

function follow(path: string): void {
  const write = (line: string) => logged.push(JSON.parse(line) as (typeof logged)[number]);
  feed = startSource({
    url: `http://127.0.0.1:${port}${path}`,
    stream,
    log: pino({ level: 'debug' }, { write }),
    now: () => performance.now(),
    random: () => 0.5,
    times: { ...SOURCE_TIMES, startBudgetMs: 500 },
  });
}

/** One packet of MPEG-TS that carries a text. */
function ts(text: string): Buffer {
  const packet = Buffer.alloc(188);
  packet.write(`G${text}`);
  return packet;
}

const box = (name: string, text: string) =>
  Buffer.concat([Buffer.from([0, 0, 0, 8]), Buffer.from(name + text)]);

/** Publishes a live list of 1 s segments `name-<msn>.ts` in the folder, with their contents. */
function publish(folder: string, first: number, last: number, { name = 's', tail = [''] } = {}): void {
  const lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:1', `#EXT-X-MEDIA-SEQUENCE:${first}`];
  for (let msn = first; msn <= last; msn++) {
    lines.push('#EXTINF:1,', `${name}-${msn}.ts`);
    const path = `${folder}/${name}-${msn}.ts`;
    if (!files.has(path)) files.set(path, ts(`${folder}/${name}-${msn}`));
  }
  files.set(`${folder}/index.m3u8`, [...lines, ...tail].join('\n'));
}

const only = () => {
  const [rendition] = stream.buffer.renditions;
  if (rendition === undefined) throw new Error('no rendition');
  return rendition;
};
const numbers = () => [...stream.buffer.renditions].flatMap(({ entries }) => entries.map(({ msn }) => msn));
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 20 });
const untilState = (state: string) =>
  until(() => {
    expect(stream.state).toBe(state);
  });
const warnings = () =>
  logged.filter(({ level, state }) => level >= 40 && state !== undefined).map(({ state }) => state);

describe('startSource', { timeout: 30_000 }, () => {
  it('takes the whole window of a bare media playlist, then each new segment once', async () => {
    publish('/a', 7, 10);
    follow('/a/index.m3u8');
    await untilState('live');
    expect(numbers()).toEqual([7, 8, 9, 10]);
    publish('/a', 8, 11);
    await until(() => {
      expect(numbers()).toEqual([7, 8, 9, 10, 11]);
    });
    expect(asked.filter((path) => path.endsWith('.ts')).sort()).toEqual(
      [10, 11, 7, 8, 9].map((msn) => `/a/s-${msn}.ts`),
    );
    expect(only().listed.map(({ msn }) => msn)).toEqual([8, 9, 10, 11]);
  });

  it('follows every rendition, and continues without one that fails alone', async () => {
    files.set(
      '/master.m3u8',
      [
        '#EXTM3U',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",NAME="en",URI="en/index.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1000,AUDIO="aud"',
        'low/index.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=2000,AUDIO="aud"',
        'high/index.m3u8',
      ].join('\n'),
    );
    publish('/en', 0, 2);
    publish('/low', 0, 2);
    follow('/master.m3u8');
    await untilState('live');
    await until(() => {
      expect(stream.playable).toBe(true);
    });
    const text = multivariantBody(stream).data.toString();
    expect(text).toContain('BANDWIDTH=1000,');
    expect(text).toContain('NAME="en"');
    expect(text).not.toContain('BANDWIDTH=2000,');
    publish('/high', 0, 2);
    await until(() => {
      expect(multivariantBody(stream).data.toString()).toContain('BANDWIDTH=2000,');
    });
    expect(warnings()).toEqual([]);
  });

  it('fetches an init segment once, serves it under its hash, and tells audio from video', async () => {
    const list = (last: number) =>
      ['#EXTM3U', '#EXT-X-TARGETDURATION:1', '#EXT-X-MAP:URI="init.mp4?t=1"']
        .concat(Array.from({ length: last }, (_, n) => ['#EXTINF:1,', `${n}.m4s`]).flat())
        .join('\n');
    files.set('/f/init.mp4?t=1', box('ftyp', 'init'));
    for (let n = 0; n < 3; n++) files.set(`/f/${n}.m4s`, box('moof', String(n)));
    files.set('/f/index.m3u8', list(2));
    follow('/f/index.m3u8');
    await untilState('live');
    files.set('/f/index.m3u8', list(3));
    await until(() => {
      expect(numbers()).toEqual([0, 1, 2]);
    });
    expect(asked.filter((path) => path.startsWith('/f/init')).length).toBe(1);
    const [map = ''] = /init-[0-9a-f]{16}/.exec(renderMediaPlaylist(only())) ?? [];
    expect(only().init(100, map.slice(5))?.data.equals(box('ftyp', 'init'))).toBe(true);
    expect(only().entries[0]?.segment).toMatchObject({ contentType: 'video/mp4', extension: 'm4s' });
  });

  it('serves the buffer through an outage and resumes by itself when the source comes back from 0', async () => {
    publish('/a', 40, 43);
    follow('/a/index.m3u8');
    await untilState('live');
    await shut();
    await untilState('stale');
    expect(numbers()).toEqual([40, 41, 42, 43]);
    files.clear();
    publish('/a', 0, 0);
    // Wait for a few retries; the log must not mention each.
    await until(() => {
      expect(logged.filter(({ level }) => level >= 40).length).toBeGreaterThan(0);
    });
    await listen(port);
    const back = performance.now();
    await untilState('live');
    expect(performance.now() - back).toBeLessThan(3500);
    publish('/a', 0, 1);
    await until(() => {
      expect(numbers()).toEqual([40, 41, 42, 43, 44, 45]);
    });
    expect(renderMediaPlaylist(only()).trimEnd().split('\n').slice(-5)).toEqual([
      '#EXT-X-DISCONTINUITY',
      '#EXTINF:1,',
      `44.ts?epoch=101`,
      '#EXTINF:1,',
      `45.ts?epoch=101`,
    ]);
    expect(warnings()).toEqual(['stale']);
  });

  it('detects by the bytes that an encoder restarted under the same names after a pause', async () => {
    publish('/a', 0, 3);
    follow('/a/index.m3u8');
    await untilState('live');
    await shut();
    await untilState('stale');
    files.clear();
    const again = (last: number) => {
      for (let msn = 0; msn <= last; msn++) files.set(`/a/s-${msn}.ts`, ts(`another ${msn}`));
      publish('/a', 0, last);
    };
    // Long enough for the list to have advanced further than it did.
    const pausedAt = performance.now();
    await until(() => {
      expect(performance.now() - pausedAt).toBeGreaterThan(6000);
    });
    again(4);
    await listen(port);
    const texts = () =>
      only().entries.flatMap(({ epoch, segment }) =>
        epoch === 101 ? [segment?.data.toString('latin1').replace(/\0+$/, '')] : [],
      );
    await until(() => {
      expect(texts()).toEqual([0, 1, 2, 3, 4].map((msn) => `Ganother ${msn}`));
    });
  });

  it('passes the end on, serves the buffer, and continues when the encoder comes back', async () => {
    publish('/a', 0, 1);
    follow('/a/index.m3u8');
    await untilState('live');
    publish('/a', 0, 2, { tail: ['#EXT-X-ENDLIST'] });
    await untilState('ended');
    expect(renderMediaPlaylist(only())).toContain('#EXT-X-ENDLIST');
    expect(numbers()).toEqual([0, 1, 2]);
    publish('/a', 0, 1, { name: 'new' });
    await untilState('live');
    expect(renderMediaPlaylist(only())).not.toContain('#EXT-X-ENDLIST');
    await until(() => {
      expect(numbers()).toEqual([0, 1, 2, 3, 4]);
    });
  });

  it('lists all of a recording, fetches each segment on request, and gives way to a live encoder', async () => {
    publish('/a', 3, 90, { tail: ['#EXT-X-ENDLIST'] });
    files.set('/a/s-50.ts', undefined);
    follow('/a/index.m3u8');
    await untilState('ended');
    const text = renderMediaPlaylist(only());
    expect(text).toContain('#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MEDIA-SEQUENCE:3\n');
    expect(text.match(/^\d+\.ts\?epoch=100$/gm)?.length).toBe(88);
    expect(text).not.toContain('#EXT-X-GAP');
    expect(stream.playable).toBe(true);
    expect(asked).toEqual(['/a/index.m3u8', '/a/s-3.ts']);
    const demand = (msn: number) => only().demand(100, msn, 'ts');
    const [one, other] = await Promise.all([demand(77), demand(77)]);
    expect(one).toMatchObject({ data: ts('/a/s-77') });
    expect(other).toBe(one);
    expect(await demand(50)).toBeUndefined();
    expect(asked.slice(2)).toEqual(['/a/s-77.ts', '/a/s-50.ts']);
    publish('/a', 0, 1, { name: 'new' });
    await untilState('live');
    expect(only().whole).toBe(false);
    expect(renderMediaPlaylist(only())).not.toContain('VOD');
    await until(() => {
      expect(only().entries.map(({ epoch, segment }) => [epoch, segment?.data])).toEqual([
        [101, ts('/a/new-0')],
        [101, ts('/a/new-1')],
      ]);
    });
    expect(only().entries[0]?.msn).toBeGreaterThan(90);
  });

  it('opens a recording as soon as it can be read', async () => {
    const init = ['#EXT-X-MAP:URI="init.mp4"', '#EXTINF:1,', '0.m4s', '#EXTINF:1,', '1.m4s'];
    files.set('/f/index.m3u8', ['#EXTM3U', '#EXT-X-TARGETDURATION:1', ...init, '#EXT-X-ENDLIST'].join('\n'));
    files.set('/f/1.m4s', box('moof', '1'));
    follow('/f/index.m3u8');
    await until(() => {
      expect(asked.filter((path) => path === '/f/init.mp4').length).toBeGreaterThan(1);
    });
    expect(numbers()).toEqual([]);
    files.set('/f/init.mp4', box('ftyp', 'init'));
    await untilState('ended');
    expect(renderMediaPlaylist(only())).toContain('0.m4s?epoch=100');
    expect(only().entries[1]?.segment?.data.equals(box('moof', '1'))).toBe(true);
  });

  it('leaves a gap where a segment is not media, and continues', async () => {
    publish('/a', 0, 6);
    files.set('/a/s-1.ts', '<html><script>alert(1)</script>');
    files.set('/a/s-2.ts', (_request, response) => response.writeHead(200, { 'content-length': 1e9 }).end());
    files.set('/a/s-3.ts', '');
    files.set('/a/s-4.ts', (_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    );
    files.set('/a/s-5.ts', (_request, response) => response.writeHead(302, { location: '/a/s-5.ts' }).end());
    follow('/a/index.m3u8');
    await until(() => {
      expect(numbers()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    });
    expect(
      only()
        .entries.filter(({ segment }) => segment !== undefined)
        .map(({ msn }) => msn),
    ).toEqual([0, 6]);
    expect(renderMediaPlaylist(only()).match(/#EXT-X-GAP/g)?.length).toBe(5);
    expect(stream.state).toBe('live');
  });

  it('resolves addresses that climb out of the folder, and fetches what they name', async () => {
    publish('/a', 0, 0);
    files.set(
      '/a/index.m3u8',
      [
        '#EXTM3U',
        '#EXT-X-TARGETDURATION:1',
        '#EXTINF:1,',
        '../../../../etc/passwd',
        '#EXTINF:1,',
        '%2e%2e/x.ts',
      ].join('\n'),
    );
    files.set('/etc/passwd', 'root:x:0:0');
    files.set('/x.ts', ts('x'));
    follow('/a/index.m3u8');
    await until(() => {
      expect(numbers()).toEqual([0, 1]);
    });
    expect(only().entries[0]?.segment).toBeUndefined();
    expect(only().entries[1]?.segment?.key).toBe(`100/${only().id}/1`);
  });

  it('takes byte ranges of one file as separate segments', async () => {
    const whole = Buffer.concat([ts('one'), ts('two')]);
    files.set('/a/all.ts', ({ headers }, response) => {
      const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
      const part = whole.subarray(Number(from), Number(to) + 1);
      response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${whole.length}` }).end(part);
    });
    const lines = [
      '#EXT-X-BYTERANGE:188@0',
      '#EXTINF:1,',
      'all.ts',
      '#EXT-X-BYTERANGE:188',
      '#EXTINF:1,',
      'all.ts',
    ];
    files.set('/a/index.m3u8', ['#EXTM3U', '#EXT-X-TARGETDURATION:1', ...lines].join('\n'));
    follow('/a/index.m3u8');
    await until(() => {
      expect(only().entries.map(({ segment }) => segment?.data)).toEqual([ts('one'), ts('two')]);
    });
    expect(renderMediaPlaylist(only())).not.toContain('BYTERANGE');
  });

  it('is down and logs the reason once, until a missing source appears', async () => {
    follow('/a/index.m3u8');
    await untilState('down');
    files.set('/a/index.m3u8', '<html>not yet</html>');
    const tries = asked.length;
    await until(() => {
      expect(asked.length).toBeGreaterThan(tries + 1);
    });
    publish('/a', 0, 1);
    await untilState('live');
    expect(warnings()).toEqual(['down']);
  });

  it('stops during any activity and leaves no connection open', async () => {
    publish('/a', 0, 3);
    files.set('/a/s-2.ts', () => undefined);
    follow('/a/index.m3u8');
    await until(() => {
      expect(asked).toContain('/a/s-2.ts');
    });
    await feed?.stop();
    await until(async () => {
      const open = await new Promise((resolve) => {
        server.getConnections((_error, count) => {
          resolve(count);
        });
      });
      expect(open).toBe(0);
    });
  });
});
