import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clip, SEGMENT_SECONDS } from './clip.ts';

/** Segments in the playlist. */
const WINDOW = 10;

/** A media server without an encoder. It publishes a clip's segments one by one, in real time from its start. */
export class LiveOrigin {
  readonly #server: Server;
  readonly #clip: Clip;
  readonly #startedAt = performance.now();
  readonly #startedWallMs = Date.now();

  static async start(clip: Clip): Promise<LiveOrigin> {
    const origin = new LiveOrigin(clip);
    await new Promise<void>((resolve) => {
      origin.#server.listen(0, '127.0.0.1', resolve);
    });
    return origin;
  }

  private constructor(clip: Clip) {
    this.#clip = clip;
    this.#server = createServer((request, response) => {
      const path = (request.url ?? '/').slice(1);
      if (path === 'index.m3u8') {
        response.setHeader('content-type', 'application/vnd.apple.mpegurl');
        response.end(this.#playlist());
        return;
      }
      const index = Number(/^(\d+)\.ts$/.exec(path)?.[1] ?? Number.NaN);
      const segment = index < this.#published ? this.#clip.segments[index] : undefined;
      if (segment === undefined) response.writeHead(404).end();
      else
        response
          .writeHead(200, { 'content-type': 'video/mp2t', 'content-length': segment.length })
          .end(segment);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/index.m3u8`;
  }

  /** Bytes of all segments published so far. */
  get publishedBytes(): number {
    return this.#clip.segments.slice(0, this.#published).reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * Date.now() at which a picture of the clip was the newest. Its segment is published when its last picture is due, as
   * an encoder does. A player that shows the picture now is behind live by the time since then.
   */
  liveAt(picture: number): number {
    return this.#startedWallMs + (picture / this.#clip.framesPerSecond - WINDOW * SEGMENT_SECONDS) * 1000;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A whole window at the start, then one more each SEGMENT_SECONDS. */
  get #published(): number {
    const since = (performance.now() - this.#startedAt) / 1000;
    return Math.min(WINDOW + Math.floor(since / SEGMENT_SECONDS), this.#clip.segments.length);
  }

  #playlist(): string {
    const end = this.#published;
    const first = Math.max(0, end - WINDOW);
    const lines = [
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      `#EXT-X-TARGETDURATION:${SEGMENT_SECONDS}`,
      `#EXT-X-MEDIA-SEQUENCE:${first}`,
    ];
    for (let i = first; i < end; i++) lines.push(`#EXTINF:${SEGMENT_SECONDS}.000,`, `${i}.ts`);
    return `${lines.join('\n')}\n`;
  }
}
