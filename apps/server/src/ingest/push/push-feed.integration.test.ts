import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { loadConfig } from '../../config/load-config.ts';
import { createServer } from '../../server.ts';
import { codecsAt, encoder, playedSeconds, PROGRAMME } from '../../testing/ffmpeg-source.ts';

const KEY = 'correct-horse-battery';
const HLS = ['-f', 'hls', '-hls_time', '1', '-hls_list_size', '4', '-method', 'PUT'];

async function open(...options: string[]) {
  const argv = [...options, '--host', '127.0.0.1', '--port', '0', '--ingest-key', `tv=${KEY}`];
  const config = loadConfig({ argv, env: {} });
  if (config === undefined) throw new Error('help was asked for');
  const logged: string[] = [];
  const write = (line: string) => void logged.push(line);
  const server = await createServer(config, { log: pino({ level: 'debug' }, { write }) });
  onTestFinished(async () => {
    await server.close();
  });
  const put = async (path: string) => {
    const { status } = await fetch(`${server.url}/ingest/${path}`, { method: 'PUT', body: '#EXTM3U' });
    return status;
  };
  return { server, stream: server.directory.get('tv'), logged, put };
}

describe('HLS pushed over HTTP', { timeout: 60_000 }, () => {
  it('plays as soon as the encoder has made its first segments, and logs no key', async () => {
    const { server, stream, logged } = await open();
    const args = [...HLS, '-hls_flags', 'delete_segments', '-http_persistent', '1'];
    encoder(...PROGRAMME, ...args, `${server.url}/ingest/tv/${KEY}/stream.m3u8`);
    await vi.waitFor(
      () => {
        expect(stream?.state).toBe('live');
      },
      { timeout: 20_000 },
    );
    expect(await codecsAt(`${server.url}/live/tv/index.m3u8`)).toEqual(['aac', 'h264']);
    expect(logged.join('')).not.toContain(KEY);
  });

  it('accepts POST as well as PUT', async () => {
    const { server, stream } = await open();
    const args = HLS.map((arg) => (arg === 'PUT' ? 'POST' : arg));
    encoder(...PROGRAMME, ...args, `${server.url}/ingest/tv/${KEY}/stream.m3u8`);
    await vi.waitFor(
      () => {
        expect(stream?.state).toBe('live');
      },
      { timeout: 20_000 },
    );
    expect(await codecsAt(`${server.url}/live/tv/index.m3u8`)).toEqual(['aac', 'h264']);
  });

  it('accepts several renditions with their multivariant playlist', async () => {
    const { server, stream } = await open();
    const two = [
      '-map',
      '0:v',
      '-map',
      '1:a',
      '-map',
      '0:v',
      '-map',
      '1:a',
      '-b:v:0',
      '200k',
      '-b:v:1',
      '400k',
    ];
    const to = `${server.url}/ingest/tv/${KEY}`;
    encoder(
      ...PROGRAMME,
      ...two,
      ...HLS,
      ...['-var_stream_map', 'v:0,a:0 v:1,a:1', '-master_pl_name', 'main.m3u8'],
      ...['-hls_segment_filename', `${to}/v%v/%d.ts`, `${to}/v%v/list.m3u8`],
    );
    await vi.waitFor(
      () => {
        expect(stream?.playable).toBe(true);
        expect([...(stream?.buffer.renditions ?? [])].length).toBe(2);
      },
      { timeout: 20_000 },
    );
    const text = await (await fetch(`${server.url}/live/tv/index.m3u8`)).text();
    expect(text.match(/#EXT-X-STREAM-INF/g)?.length).toBe(2);
  });

  it('makes parts from chunked CMAF while its segments are uploaded', async () => {
    const { server, stream } = await open('--low-latency', 'on');
    const chunked = ['-f', 'dash', '-streaming', '1', '-hls_playlist', '1', '-seg_duration', '4'];
    const fragments = ['-frag_type', 'duration', '-frag_duration', '0.5', '-use_template', '1'];
    const to = ['-method', 'PUT', '-http_persistent', '1', `${server.url}/ingest/tv/${KEY}/tv.mpd`];
    encoder(...PROGRAMME, '-g', '100', ...chunked, ...fragments, ...to);
    await vi.waitFor(
      () => {
        expect(stream?.playable).toBe(true);
        expect([...(stream?.buffer.renditions ?? [])].length).toBe(2);
      },
      { timeout: 20_000 },
    );
    const url = `${server.url}/live/tv/index.m3u8`;
    const renditions = [...(stream?.buffer.renditions ?? [])];
    const [audio, video] = ['audio', 'video'].map((type) =>
      renditions.find(({ attributes }) => attributes.type === type),
    );
    // The newest part exists long before its segment could.
    const seen = new Set<number>();
    video?.edge.onChange(() => seen.add(video.edge.partsOf(video.edge.open?.msn ?? -1).length));
    await vi.waitFor(
      () => {
        expect([...seen]).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, 6, 7]));
      },
      { timeout: 15_000, interval: 100 },
    );
    for (const rendition of [video, audio]) {
      const text = await (await fetch(new URL(`${rendition?.id}/index.m3u8`, url))).text();
      expect(text).toMatch(/#EXT-X-PART-INF:PART-TARGET=0\.5\d?\b/);
      expect(text).toMatch(/#EXT-X-PART:[^\n]*INDEPENDENT=YES/);
      expect(text).toContain('#EXT-X-PRELOAD-HINT:TYPE=PART');
    }
    // A complete segment is the sum of its parts: nothing is held twice.
    await vi.waitFor(
      () => {
        const last = video?.entries.at(-1);
        expect(last?.segment?.parts?.length).toBe(8);
      },
      { timeout: 15_000, interval: 100 },
    );
    const [played, complaints] = await playedSeconds(url, 6);
    expect(complaints).toBe('');
    expect(played).toBeGreaterThan(5.9);
  });

  it('answers a wrong key and an unknown stream alike', async () => {
    const { put } = await open();
    expect(await put('tv/wrong-wrong-wrong/a.m3u8')).toBe(403);
    expect(await put(`other/${KEY}/a.m3u8`)).toBe(403);
    expect(await put('tv//a.m3u8')).toBe(403);
    expect(await put(`tv/${KEY}/a.m3u8`)).toBe(201);
  });
});
