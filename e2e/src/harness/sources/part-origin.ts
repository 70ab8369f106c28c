import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ffmpegPath } from './encoder.ts';

const run = promisify(execFile);

const PART_SECONDS = 0.5;
const SEGMENT_SECONDS = 4;
const PARTS = SEGMENT_SECONDS / PART_SECONDS;
/** Segments that exist at the start, and that the playlist lists. */
const WINDOW = 6;

/** The init segment and the fragments of ffmpeg's fMP4, with a fragment every 0.5 s and a keyframe every 4 s. */
async function makeFragments(
  seconds: number,
  kbps: number,
): Promise<{ init: Buffer; parts: readonly Buffer[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-parts-'));
  try {
    const file = join(folder, 'clip.mp4');
    await run(ffmpegPath('ffmpeg'), [
      ...['-hide_banner', '-loglevel', 'error'],
      ...['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=24:duration=${seconds}`],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
      ...['-b:v', `${kbps}k`, '-g', String(24 * SEGMENT_SECONDS), '-sc_threshold', '0'],
      ...['-movflags', '+empty_moov+default_base_moof', '-frag_duration', String(PART_SECONDS * 1e6)],
      file,
    ]);
    return cut(await readFile(file));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Cuts at each `moof`, and drops what ffmpeg writes after the last fragment. */
function cut(file: Buffer): { init: Buffer; parts: readonly Buffer[] } {
  const starts: number[] = [];
  let end = file.length;
  for (let at = 0; at < file.length; at += file.readUInt32BE(at)) {
    const type = file.toString('latin1', at + 4, at + 8);
    if (type === 'moof') starts.push(at);
    if (type === 'mfra') end = at;
  }
  const parts = starts.map((start, index) => file.subarray(start, starts[index + 1] ?? end));
  return { init: file.subarray(0, starts[0]), parts };
}

/** A packager of low-latency HLS, which ffmpeg is not: parts in real time from its start, blocking reload, no hints. */
export class PartOrigin {
  readonly #server: Server;
  readonly #parts: readonly Buffer[];
  readonly #startedAt = Date.now();
  readonly #waiting = new Set<NodeJS.Timeout>();

  /** @param seconds length of the stream after the window at the start. */
  static async start(seconds: number, kbps = 300): Promise<PartOrigin> {
    const { init, parts } = await makeFragments(seconds + WINDOW * SEGMENT_SECONDS, kbps);
    const origin = new PartOrigin(init, parts);
    await new Promise<void>((resolve) => {
      origin.#server.listen(0, '127.0.0.1', resolve);
    });
    return origin;
  }

  private constructor(init: Buffer, parts: readonly Buffer[]) {
    this.#parts = parts;
    this.#server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://origin');
      if (pathname === '/index.m3u8') {
        const [msn, part] = ['_HLS_msn', '_HLS_part'].map((name) => Number(searchParams.get(name) ?? 0));
        const dueAt = this.#madeAt((msn ?? 0) * PARTS + (part ?? 0));
        const timer = setTimeout(
          () => {
            this.#waiting.delete(timer);
            response.setHeader('content-type', 'application/vnd.apple.mpegurl');
            response.end(this.#playlist());
          },
          Math.max(0, dueAt - Date.now()),
        );
        this.#waiting.add(timer);
        return;
      }
      const number = Number(/^\/(?:part|segment)-(\d+)\.mp4$/.exec(pathname)?.[1]);
      if (pathname === '/init.mp4') response.end(init);
      else if (pathname.startsWith('/part') && number < this.#made) response.end(this.#parts[number]);
      else if (pathname.startsWith('/segment') && (number + 1) * PARTS <= this.#made)
        response.end(Buffer.concat(this.#parts.slice(number * PARTS, (number + 1) * PARTS)));
      else response.writeHead(404).end();
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/index.m3u8`;
  }

  /** Bytes of all parts made so far. */
  get publishedBytes(): number {
    return this.#parts.slice(0, this.#made).reduce((sum, { length }) => sum + length, 0);
  }

  async close(): Promise<void> {
    for (const timer of this.#waiting) clearTimeout(timer);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Date.now() at which a part is filmed completely. */
  #madeAt(part: number): number {
    return this.#startedAt + (part + 1 - WINDOW * PARTS) * PART_SECONDS * 1000;
  }

  get #made(): number {
    const since = (Date.now() - this.#startedAt) / 1000 / PART_SECONDS;
    return Math.min(WINDOW * PARTS + Math.floor(since), this.#parts.length);
  }

  #playlist(): string {
    const made = this.#made;
    const whole = Math.floor(made / PARTS);
    const first = whole - WINDOW;
    const lines = [
      '#EXTM3U',
      '#EXT-X-VERSION:6',
      `#EXT-X-TARGETDURATION:${SEGMENT_SECONDS}`,
      `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${3 * PART_SECONDS}`,
      `#EXT-X-PART-INF:PART-TARGET=${PART_SECONDS}`,
      `#EXT-X-MEDIA-SEQUENCE:${first}`,
      '#EXT-X-MAP:URI="init.mp4"',
    ];
    for (let msn = first; msn <= whole; msn++) {
      const filmedFrom = this.#madeAt(msn * PARTS) - PART_SECONDS * 1000;
      if (msn * PARTS < made) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(filmedFrom).toISOString()}`);
      for (let part = msn * PARTS; part < Math.min(made, (msn + 1) * PARTS); part++) {
        const independent = part % PARTS === 0 ? ',INDEPENDENT=YES' : '';
        if (msn >= whole - 3)
          lines.push(`#EXT-X-PART:DURATION=${PART_SECONDS},URI="part-${part}.mp4"${independent}`);
      }
      if (msn < whole) lines.push(`#EXTINF:${SEGMENT_SECONDS},`, `segment-${msn}.mp4`);
    }
    return `${lines.join('\n')}\n`;
  }
}
