import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RecordingSource {
  /** Of the playlist. */
  readonly url: string;
  /** The paths of the segments that the server requested so far. */
  readonly asked: readonly string[];
  /** From now on, requests of segments are answered only by `answer`, one for each call. */
  pause(): void;
  answer(): void;
}

/** A media server with a recording of 2 s segments, `0.ts` and so on. It is closed when the test ends. */
export async function startRecordingSource(segments: number, bytes: number): Promise<RecordingSource> {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  let paused = false;
  const lines = Array.from({ length: segments }, (_, msn) => `#EXTINF:2,\n${msn}.ts`);
  const head = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD';
  const playlist = [head, ...lines, '#EXT-X-ENDLIST', ''].join('\n');
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/index.m3u8') {
      response.end(playlist);
      return;
    }
    asked.push(path);
    // Each segment has bytes of its own: packets of MPEG-TS that carry its path.
    const packet = Buffer.alloc(188);
    packet.write(`G${path}`);
    const send = () => response.end(Buffer.alloc(bytes - (bytes % 188), packet));
    if (paused) waiting.push(send);
    else send();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.m3u8`,
    asked,
    pause: () => {
      paused = true;
    },
    answer: () => waiting.shift()?.(),
  };
}

/** The addresses of the segments of a stream with one rendition, as a player finds them. */
export async function segmentAddresses(
  url: string,
  stream: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const entry = await fetch(`${url}/live/${stream}/index.m3u8`, { headers });
  const [media = ''] = addresses(await entry.text());
  const list = await fetch(new URL(media, entry.url), { headers });
  return addresses(await list.text()).map((address) => new URL(address, list.url).href);
}

function addresses(playlist: string): readonly string[] {
  return playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
