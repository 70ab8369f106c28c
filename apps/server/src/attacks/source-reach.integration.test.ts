import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startAttackedServer } from '../testing/attacked-server.ts';

/** Addresses that `rebinding.test` resolves to; the last one stays. */
const { addresses } = vi.hoisted(() => ({ addresses: [] as string[] }));
vi.mock('node:dns', async (original) => {
  const real = await original<typeof import('node:dns')>();
  const lookup = (host: string, options: object, done: (error: null, found: unknown) => void) => {
    if (host !== 'rebinding.test') {
      (real.lookup as (...all: unknown[]) => void)(host, options, done);
      return;
    }
    const address = addresses.length > 1 ? addresses.shift() : addresses[0];
    done(null, [{ address, family: address?.includes(':') === true ? 6 : 4 }]);
  };
  return { ...real, lookup, default: { ...real, lookup } };
});

beforeEach(() => {
  addresses.length = 0;
});

async function listen(answer: RequestListener): Promise<number> {
  const server = createServer((request, response) => {
    response.setHeader('connection', 'close');
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const ts = Buffer.alloc(376);
ts[0] = ts[188] = 0x47;
const SECRET = '<html>the secret of a service that only this machine reaches';

/** A source on loopback whose second segment is at another port of loopback. */
async function sourceBeside(list: (other: string) => readonly string[]) {
  const asked: string[] = [];
  const other = await listen((request, response) => {
    asked.push(request.url ?? '');
    response.end(SECRET);
  });
  const source = await listen((request, response) => {
    if (request.url !== '/live.m3u8') response.end(ts);
    else
      response.end(
        ['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...list(`http://127.0.0.1:${other}`), ''].join('\n'),
      );
  });
  return { asked, other, source: `http://127.0.0.1:${source}/live.m3u8` };
}

async function published(argv: readonly string[], segments: number) {
  const server = await startAttackedServer(argv);
  const stream = server.directory.get('live');
  const rendition = () => [...(stream?.buffer.renditions ?? [])][0];
  await expect.poll(() => rendition()?.nextMsn, { timeout: 15_000 }).toBe(segments);
  const base = `${server.url}/live/live/${rendition()?.id}/`;
  const playlist = await (await fetch(`${base}index.m3u8`)).text();
  const files = [
    ...playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    ...[...playlist.matchAll(/URI="([^":]+)"/g)].map(([, file]) => file ?? ''),
  ];
  const bodies = await Promise.all(files.map(async (file) => (await fetch(base + file)).text()));
  return { playlist, bodies: bodies.join('') };
}

describe('a source that leads elsewhere', { timeout: 20_000 }, () => {
  const encrypted = (other: string) => [
    '#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/k"',
    ...['#EXTINF:1,', '/0.ts', '#EXTINF:1,', `${other}/admin`, '#EXTINF:1,', '/2.ts'],
  ];

  it('cannot publish another private service as an encrypted segment', async () => {
    const { source, asked } = await sourceBeside(encrypted);
    const { bodies, playlist } = await published(['--source', `live=${source}`], 3);
    expect(asked).toContain('/admin');
    expect(bodies).not.toContain(SECRET);
    expect(playlist).toContain('#EXT-X-GAP');
  });

  it('may do so from hosts that the operator allows', async () => {
    const { source, other } = await sourceBeside(encrypted);
    const argv = ['--source', `live=${source}`, '--encrypted-from', `127.0.0.1:${other}`];
    expect((await published(argv, 3)).bodies).toContain(SECRET);
  });

  it('cannot publish another private service as an init segment', async () => {
    const { source, asked } = await sourceBeside((other) => [
      ...['#EXTINF:1,', '/0.ts', `#EXT-X-MAP:URI="${other}/admin"`, '#EXTINF:1,', '/1.ts'],
      ...['#EXT-X-MAP:URI="/0.ts"', '#EXTINF:1,', '/2.ts'],
    ]);
    const { bodies } = await published(['--source', `live=${source}`], 3);
    expect(asked).toContain('/admin');
    expect(bodies).not.toContain(SECRET);
  });

  it('cannot move its name to another class of address later', async () => {
    let polls = 0;
    const source = await listen((request, response) => {
      if (request.url === '/live.m3u8')
        response.end(
          `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:${polls++}\n#EXTINF:1,\n/a.ts\n`,
        );
      else response.end(ts);
    });
    addresses.push('127.0.0.1', '127.0.0.1', '169.254.169.254');
    const server = await startAttackedServer(['--source', `live=http://rebinding.test:${source}/live.m3u8`]);
    const faults = async () => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      return /freshet_source_faults_total\{stream="live",reason="address"\} (\d+)/.exec(text)?.[1];
    };
    await expect.poll(faults, { timeout: 15_000 }).toBeDefined();
    expect(polls).toBeGreaterThan(0);
  });

  it('learns nothing about a service that is no radio station', async () => {
    const service = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('220 SECRET-BANNER mail 8.17.1 ready\r\n\r\n');
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    onTestFinished(() => void service.close());
    const { port } = service.address() as AddressInfo;
    const server = await startAttackedServer(['--source', `live=http://127.0.0.1:${port}/live.mp3`]);
    await expect.poll(() => server.logged.join(''), { timeout: 10_000 }).toContain('not a radio station');
    expect(server.logged.join('')).not.toContain('BANNER');
    expect(server.directory.get('live')?.problem?.message).not.toContain('BANNER');
  });
});
