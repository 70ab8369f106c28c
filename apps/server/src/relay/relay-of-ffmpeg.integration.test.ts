import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import express from 'express';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startSource } from '../source/hls-source.ts';
import { LiveStream } from '../stream/live-stream.ts';
import { StreamDirectory } from '../stream/stream-directory.ts';
import { roomyBudgets } from '../testing/roomy-budgets.ts';
import { relayRouter } from './relay-router.ts';

const run = promisify(execFile);

/** Two video variants and one alternate audio, 6 s in 1 s segments, as ffmpeg packages them. */
const PICTURES = 'testsrc2=size=320x180:rate=25:duration=6,format=yuv420p';
const SOUND = 'sine=frequency=440:duration=6';
const ENCODE =
  '-c:v libx264 -preset ultrafast -g 25 -keyint_min 25 -sc_threshold 0 -c:a aac -b:a 64k -f hls -hls_time 1 -hls_list_size 0';

const words = (text: string) => text.split(' ');

let folder: string;
let servers: Server[] = [];
let directory: StreamDirectory;
let asked: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-relay-'));
  const ffmpeg = async (name: string, ...args: string[]) => {
    await mkdir(join(folder, name), { recursive: true });
    const inputs = ['-f', 'lavfi', '-i', PICTURES, '-f', 'lavfi', '-i', SOUND];
    const cwd = join(folder, name);
    await run('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...inputs, ...args], { cwd });
  };
  await ffmpeg('ts', ...words('-map 0:v -map 1:a'), ...words(ENCODE), 'index.m3u8');
  await ffmpeg(
    'fmp4',
    ...words('-map 0:v -map 0:v -map 1:a -b:v:0 200k -b:v:1 500k'),
    ...words(ENCODE),
    ...words('-hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4 -master_pl_name master.m3u8'),
    ...['-var_stream_map', 'v:0,agroup:aud v:1,agroup:aud a:0,agroup:aud', '%v.m3u8'],
  );
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

afterEach(async () => {
  await directory.close();
  await Promise.all(
    servers.map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
  servers = [];
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Chains a media server, our source and our relay. @returns the URL of the relay's multivariant playlist */
async function relay(path: string): Promise<string> {
  asked = [];
  const origin = await serve((request, response) => {
    const file = request.url ?? '';
    asked.push(file);
    createReadStream(join(folder, file))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  directory = new StreamDirectory();
  const stream = new LiveStream({ name: 'show', epoch: 100 });
  directory.add(stream);
  const log = pino({ level: 'silent' });
  const url = origin + path;
  stream.attachFeed(startSource({ url, stream, log, now: () => performance.now(), random: Math.random }));
  const app = express();
  app.use(relayRouter({ directory, originBytes: { add: () => undefined }, budgets: roomyBudgets() }));
  const entry = `${await serve(app)}/live/show/index.m3u8`;
  await vi.waitFor(
    () => {
      expect(stream.state).toBe('ended');
    },
    { timeout: 10_000 },
  );
  return entry;
}

async function play(url: string): Promise<{ seconds: number; errors: string }> {
  const args = [
    '-hide_banner',
    '-loglevel',
    'warning',
    '-xerror',
    '-i',
    url,
    '-map',
    '0',
    '-f',
    'null',
    '-progress',
    'pipe:1',
    '-',
  ];
  const { stdout, stderr } = await run('ffmpeg', args);
  const times = [...stdout.matchAll(/out_time_us=(\d+)/g)];
  return { seconds: Number(times.at(-1)?.[1] ?? 0) / 1e6, errors: stderr };
}

async function probe(url: string): Promise<string[]> {
  const { stdout, stderr } = await run('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'stream=codec_name',
    '-of',
    'csv=p=0',
    url,
  ]);
  expect(stderr).toBe('');
  // A stream is listed again with each program that it belongs to.
  return [...new Set(stdout.trim().split(/\s+/))].sort();
}

describe('a stream that ffmpeg packages, pulled and relayed', { timeout: 60_000 }, () => {
  it('plays from the relay without errors: MPEG-TS, a media playlist alone', async () => {
    const url = await relay('/ts/index.m3u8');
    expect(await probe(url)).toEqual(['aac', 'h264']);
    const { seconds, errors } = await play(url);
    expect(errors).toBe('');
    expect(seconds).toBeGreaterThan(5.9);
    // The relay requested each segment from the source once, however many clients requested it.
    const segments = asked.filter((path) => path.endsWith('.ts'));
    expect(new Set(segments).size).toBe(6);
    expect(segments.length).toBe(6);
  });

  it('plays from the relay without errors: fMP4, two variants and alternate audio', async () => {
    const url = await relay('/fmp4/master.m3u8');
    const text = await (await fetch(url)).text();
    const source = await readFile(join(folder, 'fmp4/master.m3u8'), 'utf8');
    const tags = (playlist: string) => playlist.match(/^#EXT-X-STREAM-INF.*$/gm);
    expect(tags(text)).toEqual(tags(source));
    expect(await probe(url)).toEqual(['aac', 'h264']);
    const { seconds, errors } = await play(url);
    expect(errors).toBe('');
    expect(seconds).toBeGreaterThan(5.9);
    const media = asked.filter((path) => /\.(?:m4s|mp4)$/.test(path));
    expect(new Set(media).size).toBe(media.length);
  });
});
