import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { renderTrack, type Track } from './media-track.ts';

/** Segments in each playlist. */
const WINDOW = 6;

export interface Programme {
  /** The multivariant playlist; its URIs are `<name>.m3u8`. */
  readonly multivariant: string;
  /** By name. */
  readonly tracks: ReadonlyMap<string, Track>;
}

export interface LadderOriginOptions {
  /** The programme has ended: its playlists list all of it. */
  readonly recorded?: boolean;
}

/**
 * A broadcaster's packager. It publishes the segments of every rendition one by one, in real time, and ends the
 * playlists when the programme ends.
 */
export class LadderOrigin {
  readonly #server: Server;
  readonly #programme: Programme;
  readonly #files = new Map<string, Buffer>();
  readonly #recorded: boolean;
  readonly #startedAt = performance.now();

  static async start(
    programme: Programme,
    { recorded = false }: LadderOriginOptions = {},
  ): Promise<LadderOrigin> {
    const origin = new LadderOrigin(programme, recorded);
    await new Promise<void>((resolve) => {
      origin.#server.listen(0, '127.0.0.1', resolve);
    });
    return origin;
  }

  private constructor(programme: Programme, recorded: boolean) {
    this.#programme = programme;
    this.#recorded = recorded;
    for (const { files } of programme.tracks.values())
      for (const [name, data] of files) this.#files.set(name, data);
    this.#server = createServer((request, response) => {
      this.#answer(request, response);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/index.m3u8`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer({ url = '/', headers }: IncomingMessage, response: ServerResponse): void {
    const name = url.slice(1);
    const track = name.endsWith('.m3u8') ? this.#programme.tracks.get(name.slice(0, -5)) : undefined;
    const playlist = name === 'index.m3u8' ? this.#programme.multivariant : track && this.#list(track);
    const file = this.#files.get(name);
    if (playlist !== undefined) {
      response.setHeader('content-type', 'application/vnd.apple.mpegurl');
      response.end(playlist);
    } else if (file === undefined) response.writeHead(404).end();
    else sendFile(file, headers.range, response);
  }

  /** A whole window at the start; then each segment when its last picture is due. */
  #list(track: Track): string {
    if (this.#recorded) return renderTrack(track, 0, track.entries.length, true);
    const since = (performance.now() - this.#startedAt) / 1000;
    let end = Math.min(WINDOW, track.entries.length);
    for (let at = 0; end < track.entries.length; end++) {
      at += track.entries[end]?.seconds ?? 0;
      if (at > since) break;
    }
    return renderTrack(track, Math.max(0, end - WINDOW), end, end === track.entries.length);
  }
}

function sendFile(file: Buffer, range: string | undefined, response: ServerResponse): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (first === undefined || last === undefined) {
    response.writeHead(200, { 'content-length': file.length }).end(file);
    return;
  }
  const part = file.subarray(Number(first), Number(last) + 1);
  response
    .writeHead(206, {
      'content-length': part.length,
      'content-range': `bytes ${first}-${last}/${file.length}`,
    })
    .end(part);
}
