import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { loadConfig } from '../../config/load-config.ts';
import { createServer } from '../../server.ts';
import type { LiveStream } from '../../stream/live-stream.ts';
import {
  codecsAt,
  encoder,
  H264,
  makeClip,
  PICTURE_AND_TONE,
  pictureAs,
  playedSeconds,
  PROGRAMME,
  soundAs,
} from '../../testing/ffmpeg-source.ts';
import { freeUdpPort } from '../../testing/free-port.ts';
import { rtspCamera } from '../../testing/rtsp-camera.ts';

const TIMEOUT = 60_000;
/** Time for a source to connect, to be analysed and to make its first segment. */
const LIVE = { timeout: 30_000, interval: 50 };
const MPEGTS = ['-f', 'mpegts'];

interface Lines {
  readonly lines: { readonly msg: string; readonly pid?: number; readonly message?: string }[];
}

/** The whole server with one stream `tv`. */
async function open(source: string, ...more: string[]) {
  const argv = ['--host', '127.0.0.1', '--port', '0', '--source', `tv=${source}`, ...more];
  const config = loadConfig({ argv, env: {} });
  if (config === undefined) throw new Error('help was asked for');
  const logged: Lines = { lines: [] };
  const write = (line: string) => void logged.lines.push(JSON.parse(line) as Lines['lines'][number]);
  const server = await createServer(config, { log: pino({ level: 'debug' }, { write }) });
  onTestFinished(async () => {
    await server.close();
  });
  const stream = server.directory.get('tv');
  if (stream === undefined) throw new Error('no stream');
  const url = `${server.url}/live/tv/index.m3u8`;
  const metrics = async () => (await fetch(`${server.url}/metrics`)).text();
  const pids = () => logged.lines.filter(({ msg }) => msg === 'ffmpeg started').map(({ pid = 0 }) => pid);
  return { server, stream, url, logged, metrics, pids };
}

async function live(stream: LiveStream, state = 'live'): Promise<void> {
  await vi.waitFor(() => {
    expect(stream.state, stream.problem?.message).toBe(state);
  }, LIVE);
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An HTTP server that sends an encoder's output to each client until the client leaves. */
function broadcasting(contentType: string, ...args: string[]): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': contentType });
    encoder(...args, '-').stdout?.pipe(response);
  };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('sources through ffmpeg', { timeout: TIMEOUT }, () => {
  it('reads MPEG-TS over UDP, and counts the bytes', async () => {
    const port = await freeUdpPort();
    encoder(...PROGRAMME, ...MPEGTS, `udp://127.0.0.1:${port}?pkt_size=1316`);
    const { stream, url, metrics } = await open(`udp://127.0.0.1:${port}`);
    await live(stream);
    expect(await codecsAt(url)).toEqual(['aac', 'h264']);
    expect(await metrics()).toMatch(/freshet_uploaded_bytes_total\{stream="tv"\} [1-9]/);
    // The port is free at every other address: nobody there can send.
    const elsewhere = createSocket('udp4').bind(port, '127.0.0.2');
    await once(elsewhere, 'listening');
    elsewhere.close();
  });

  it('reads MPEG-TS over HTTP', async () => {
    const url = await serve(broadcasting('video/mp2t', ...PROGRAMME, ...MPEGTS));
    const { stream, url: relayed } = await open(`${url}/stream.ts`);
    await live(stream);
    expect(await codecsAt(relayed)).toEqual(['aac', 'h264']);
  });

  it('copies radio in MP3', async () => {
    const url = await serve(broadcasting('audio/mpeg', ...soundAs('-c:a', 'libmp3lame', '-f', 'mp3')));
    const { stream, url: relayed } = await open(`${url}/radio.mp3`);
    await live(stream);
    expect(await codecsAt(relayed)).toEqual(['mp3']);
  });

  it('copies radio in AAC', async () => {
    const aac = soundAs('-c:a', 'aac', '-b:a', '64k', '-f', 'adts');
    const { stream, url: relayed } = await open(
      `${await serve(broadcasting('audio/aac', ...aac))}/radio.aac`,
    );
    await live(stream);
    expect(await codecsAt(relayed)).toEqual(['aac']);
  });

  it('detects a station by its content type once it responds, if its address does not show the type', async () => {
    let isThere = false;
    const station = broadcasting('audio/mpeg', ...soundAs('-c:a', 'libmp3lame', '-f', 'mp3'));
    const url = await serve((request, response) => {
      if (isThere) station(request, response);
      else response.writeHead(404).end();
    });
    const { stream, url: relayed } = await open(`${url}/live`);
    await vi.waitFor(() => {
      expect(stream.problem).toEqual({ reason: 'unreachable', message: 'the source returned status 404' });
    }, LIVE);
    isThere = true;
    await live(stream);
    expect(stream.problem).toBeUndefined();
    expect(await codecsAt(relayed)).toEqual(['mp3']);
  });

  it('detects a playlist whose address does not show the type', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.setHeader('Content-Type', 'audio/x-mpegurl');
      response.end('#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfirst.aac\n');
    });
    await open(`${url}/live`);
    await vi.waitFor(() => {
      expect(asked).toContain('/first.aac');
    }, LIVE);
  });

  it('transcodes radio in Opus to AAC', async () => {
    const url = await serve(broadcasting('application/ogg', ...soundAs('-c:a', 'libopus', '-f', 'ogg')));
    const { stream, url: relayed } = await open(`${url}/radio.ogg`);
    await live(stream);
    expect(await codecsAt(relayed)).toEqual(['aac']);
  });

  it('reads a SHOUTcast 1 station, which answers ICY 200 OK', async () => {
    const asked: string[] = [];
    const station = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (head) => {
        asked.push(head.toString().split('\r\n', 1)[0] ?? '');
        socket.write('ICY 200 OK\r\nicy-name:Test\r\ncontent-type:audio/mpeg\r\n\r\n');
        encoder(...soundAs('-c:a', 'libmp3lame', '-f', 'mp3'), '-').stdout?.pipe(socket);
      });
    }).listen(0, '127.0.0.1');
    await once(station, 'listening');
    onTestFinished(() => void station.close());
    const { port } = station.address() as AddressInfo;
    const { stream, url } = await open(`http://127.0.0.1:${port}/listen.mp3`);
    await live(stream);
    expect(await codecsAt(url)).toEqual(['mp3']);
    expect(asked.at(-1)).toBe('GET /listen.mp3 HTTP/1.0');
  });

  it('SRT: accepts a caller with the passphrase, and again after it left', async () => {
    const port = await freeUdpPort();
    const caller = `srt://127.0.0.1:${port}?passphrase=`;
    const { stream, url, pids } = await open(`srt://:${port}?mode=listener&passphrase=correct-horse`);
    const send = (passphrase: string) => encoder(...PROGRAMME, ...MPEGTS, caller + passphrase);
    await vi.waitFor(() => {
      expect(pids().length).toBe(1);
    });
    const first = await connected(() => send('correct-horse'));
    await live(stream);
    expect(await codecsAt(url)).toEqual(['aac', 'h264']);
    const { epoch } = stream.buffer;
    first.kill('SIGKILL');
    await vi.waitFor(() => {
      expect(pids().length).toBe(2);
    }, LIVE);
    await connected(() => send('correct-horse'));
    await vi.waitFor(() => {
      expect(stream.buffer.epoch).toBeGreaterThan(epoch);
    }, LIVE);
  });

  it('SRT: rejects a caller with another passphrase, or with none', async () => {
    const port = await freeUdpPort();
    const { stream, pids } = await open(`srt://:${port}?mode=listener&passphrase=correct-horse`);
    await vi.waitFor(() => {
      expect(pids().length).toBe(1);
    });
    for (const query of ['?passphrase=battery-staple', '']) {
      const caller = encoder(...PROGRAMME, ...MPEGTS, `srt://127.0.0.1:${port}${query}`);
      // It ends by itself: a caller that is let in sends for ever.
      const [code] = (await once(caller, 'exit')) as [number | null];
      expect(code).not.toBe(0);
    }
    expect(stream.buffer.heldSeconds).toBe(0);
    await connected(() =>
      encoder(...PROGRAMME, ...MPEGTS, `srt://127.0.0.1:${port}?passphrase=correct-horse`),
    );
    await live(stream);
  });

  it('SRT: calls an encoder that listens', async () => {
    const port = await freeUdpPort();
    encoder(...PROGRAMME, ...MPEGTS, `srt://127.0.0.1:${port}?mode=listener`);
    const { stream, url } = await open(`srt://127.0.0.1:${port}`);
    await live(stream);
    expect(await codecsAt(url)).toEqual(['aac', 'h264']);
  });

  it('reads RTSP from a camera with a password, and transcodes its G.711 audio', async () => {
    const { stream, url, logged } = await open(await rtspCamera('admin:camera-password'));
    await live(stream);
    expect(await codecsAt(url)).toEqual(['aac', 'h264']);
    expect(JSON.stringify(logged.lines)).not.toContain('camera-password');
  });

  it('plays a file in a loop in real time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'freshet-file-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const clip = join(folder, 'clip.mp4');
    await makeClip(clip, ...PROGRAMME, '-t', '3');
    const { stream, url } = await open(`file:${clip}`);
    await live(stream);
    const startedAt = performance.now();
    await vi.waitFor(() => {
      expect(stream.buffer.heldSeconds).toBeGreaterThan(5);
    }, LIVE);
    expect(performance.now() - startedAt, 'not faster than it plays').toBeGreaterThan(2000);
    expect(await codecsAt(url)).toEqual(['aac', 'h264']);
  });
});

/** Starts an encoder that connects to its listener. One that calls too early ends, and another is started. */
async function connected(start: () => ReturnType<typeof encoder>) {
  for (let tries = 0; ; tries++) {
    const child = start();
    const ended = await Promise.race([
      once(child, 'exit').then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, 1500, false)),
    ]);
    if (!ended) return child;
    if (tries > 10) throw new Error('the encoder is never let in');
  }
}

describe('requested renditions', { timeout: TIMEOUT }, () => {
  const variantsOf = async (url: string) => {
    const text = await (await fetch(url)).text();
    return [...text.matchAll(/BANDWIDTH=(\d+),RESOLUTION=(\w+)/g)].map(([, kbps, size]) => ({
      bandwidth: Number(kbps),
      size,
    }));
  };

  it('are made beside the source’s own, cut at the same places, and kept across a restart', async () => {
    const { stream, url, server, pids } = await open(
      await transportStream(PROGRAMME),
      '--transcode',
      'tv=720p,240p',
    );
    await vi.waitFor(() => {
      expect(stream.playable).toBe(true);
    }, LIVE);
    const variants = await variantsOf(url);
    // 720p is larger than the source.
    expect(variants.map(({ size }) => size)).toEqual(['640x360', '426x240']);
    expect(variants[1]?.bandwidth).toBe(1.2 * (400 + 128) * 1000);
    expect(await codecsAt(url)).toEqual(['aac', 'h264']);
    await vi.waitFor(() => {
      for (const rendition of stream.buffer.renditions) expect(rendition.entries.length).toBeGreaterThan(3);
    }, LIVE);
    // Skip the first entry, since the encoder may begin with one more frame.
    const [one = [], two = []] = [...stream.buffer.renditions].map(({ entries }) =>
      entries.slice(1, 4).map(({ durationMs }) => durationMs),
    );
    expect(one).toEqual(two);

    const { epoch } = stream.buffer;
    process.kill(pids().at(-1) ?? 0, 'SIGKILL');
    await vi.waitFor(() => {
      expect(stream.buffer.epoch).toBeGreaterThan(epoch);
      expect(stream.state).toBe('live');
    }, LIVE);
    expect([...stream.buffer.renditions].length).toBe(2);
    expect(server.directory.get('tv')?.problem).toBeUndefined();
  });

  it('make video playable that browsers do not play', async () => {
    const mpeg2 = [...PICTURE_AND_TONE, '-c:v', 'mpeg2video', '-c:a', 'mp2'];
    const { stream, url } = await open(await transportStream(mpeg2), '--transcode', 'tv=720p,240p');
    await vi.waitFor(() => {
      expect(stream.playable).toBe(true);
    }, LIVE);
    expect((await variantsOf(url)).map(({ size }) => size)).toEqual(['426x240']);
    expect(await codecsAt(url)).toEqual(['aac', 'h264']);
  });
});

/** @returns the address of an endless transport stream */
async function transportStream(programme: readonly string[]): Promise<string> {
  return `${await serve(broadcasting('video/mp2t', ...programme, ...MPEGTS))}/stream.ts`;
}

describe('low latency through ffmpeg', { timeout: TIMEOUT }, () => {
  it('accepts an SRT caller at once, because its encoder would not call twice', async () => {
    const port = await freeUdpPort();
    const { stream, pids } = await open(`srt://:${port}?mode=listener`, '--low-latency', 'on');
    await vi.waitFor(() => {
      expect(pids().length).toBe(1);
    });
    await connected(() => encoder(...PROGRAMME, ...MPEGTS, `srt://127.0.0.1:${port}`));
    await live(stream);
    expect(pids().length).toBe(1);
    const [rendition] = stream.buffer.renditions;
    expect(rendition?.edge.partTargetMs).toBe(500);
  });

  it('transcodes audio that does not fit into MP4 parts', async () => {
    const mp2 = [...pictureAs(), ...soundAs(), ...H264, '-c:a', 'mp2'];
    const { stream, url } = await open(await transportStream(mp2), '--low-latency', 'on');
    await live(stream);
    expect(await codecsAt(url)).toEqual(['aac', 'h264']);
  });

  it('passes on parts while their segment is made; segments are the sum of their parts', async () => {
    const { stream, url, pids } = await open(await transportStream(PROGRAMME), '--low-latency', 'on');
    await live(stream);
    const [rendition] = stream.buffer.renditions;
    const text = async () => (await fetch(new URL(`${rendition?.id}/index.m3u8`, url))).text();
    await vi.waitFor(async () => {
      expect((await text()).match(/#EXT-X-PART:/g)?.length).toBeGreaterThan(6);
    }, LIVE);
    expect(await text()).toMatch(/#EXT-X-PART-INF:PART-TARGET=0\.5\b/);
    expect(await text()).toMatch(/#EXT-X-PART:[^\n]*INDEPENDENT=YES/);
    // A part exists long before its segment could: the newest media is less than a second old.
    const ages: number[] = [];
    rendition?.edge.onChange(() => {
      const parts = rendition.edge.partsOf(rendition.edge.open?.msn ?? -1);
      ages.push(parts.length);
    });
    await vi.waitFor(() => {
      expect(new Set(ages).size).toBeGreaterThan(2);
    }, LIVE);
    expect(await codecsAt(url)).toEqual(['aac', 'h264']);
    const [played, complaints] = await playedSeconds(url, 4);
    expect(complaints).toBe('');
    expect(played).toBeGreaterThan(3.9);

    const { epoch } = stream.buffer;
    process.kill(pids().at(-1) ?? 0, 'SIGKILL');
    await vi.waitFor(async () => {
      expect(stream.buffer.epoch).toBeGreaterThan(epoch);
      // Parts of the new epoch, with continued numbers.
      expect(await text()).toMatch(new RegExp(`#EXT-X-PART:[^\\n]*epoch=${stream.buffer.epoch}`));
    }, LIVE);
  });
});

describe('failures of ffmpeg', { timeout: TIMEOUT }, () => {
  it('restarts ffmpeg when it is killed; the stream continues in a new epoch', async () => {
    const port = await freeUdpPort();
    encoder(...PROGRAMME, ...MPEGTS, `udp://127.0.0.1:${port}?pkt_size=1316`);
    const { stream, pids, metrics } = await open(`udp://127.0.0.1:${port}`);
    await live(stream);
    const { epoch } = stream.buffer;
    const [first = 0] = pids();
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => {
      expect(stream.buffer.epoch).toBeGreaterThan(epoch);
    }, LIVE);
    expect(stream.state).toBe('live');
    expect(stream.problem).toBeUndefined();
    expect(isRunning(first)).toBe(false);
    expect(await metrics()).toContain('freshet_ffmpeg_restarts_total{stream="tv"} 1');
  });

  it('tells what to install when ffmpeg is missing, and keeps the server running', async () => {
    const { stream, server, logged } = await open(
      'rtmp://127.0.0.1/live/secret',
      '--ffmpeg',
      '/nowhere/ffmpeg',
    );
    await vi.waitFor(() => {
      expect(stream.problem?.reason).toBe('ffmpeg-missing');
    }, LIVE);
    expect(stream.problem?.message).toContain('apt install ffmpeg');
    const health = (await (await fetch(`${server.url}/healthz`)).json()) as { streams: unknown[] };
    expect(health.streams[0]).toMatchObject({ name: 'tv', problem: 'ffmpeg-missing' });
    expect(JSON.stringify(logged.lines)).not.toContain('secret');
  });

  it('reports why the source is unreachable, without its key, and backs off', async () => {
    const { stream, logged } = await open('rtmp://user:pass@127.0.0.1:1/live/secret');
    const failed = () => logged.lines.filter(({ msg }) => msg.startsWith('the source ended'));
    await vi.waitFor(() => {
      expect(failed().length).toBeGreaterThan(1);
    }, LIVE);
    expect(stream.problem?.reason).toBe('unreachable');
    expect(stream.problem?.message).toMatch(/refused/i);
    expect(JSON.stringify(logged.lines)).not.toMatch(/secret|pass@/);
  });

  it('reports what browsers do not play', async () => {
    const video = pictureAs('-c:v', 'mpeg2video', '-f', 'mpegts');
    const url = await serve(broadcasting('video/mp2t', ...video));
    const { stream } = await open(`${url}/stream.ts`);
    await vi.waitFor(() => {
      expect(stream.problem).toEqual({
        reason: 'coding',
        message: expect.stringContaining('mpeg2video') as string,
      });
    }, LIVE);
  });

  it('does not read a playlist as media, because it could lead to files of this machine', async () => {
    const url = await serve((_request, response) => {
      response.end('#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n');
    });
    const { stream } = await open(`${url}/stream.ts`);
    await vi.waitFor(() => {
      expect(stream.problem?.reason).toBe('unreachable');
    }, LIVE);
    expect(stream.buffer.heldSeconds).toBe(0);
  });

  it('leaves no process behind when its stream is closed', async () => {
    const port = await freeUdpPort();
    const { server, pids } = await open(`srt://:${port}?mode=listener`);
    await vi.waitFor(() => {
      expect(pids().length).toBe(1);
    });
    const [pid = 0] = pids();
    expect(isRunning(pid)).toBe(true);
    await server.close();
    expect(isRunning(pid)).toBe(false);
  });
});
