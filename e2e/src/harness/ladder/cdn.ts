import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Track } from './media-track.ts';

/** One packet of MPEG-TS that decoders skip (ISO 13818-1, 2.4.3.3: the null packet). */
const PACKET_BYTES = 188;
const NULL_PACKET = [0x47, 0x1f, 0xff, 0x10];

export interface CdnOptions {
  /** The segments for each token begin with packets of that token, and so also differ in length. */
  readonly watermarks?: boolean;
}

/** A broadcaster's CDN on its own origin. It serves segments for requests with a token, and counts by token. */
export class Cdn {
  readonly #server: Server;
  readonly #files: ReadonlyMap<string, Buffer>;
  readonly #watermarks: boolean;
  /** Bytes of bodies that were served. */
  readonly #given = new Map<string, number>();
  /** Requests without a token. */
  refused = 0;

  static async start({ files }: Track, { watermarks = false }: CdnOptions = {}): Promise<Cdn> {
    const cdn = new Cdn(files, watermarks);
    await new Promise<void>((resolve) => {
      cdn.#server.listen(0, '127.0.0.1', resolve);
    });
    return cdn;
  }

  private constructor(files: ReadonlyMap<string, Buffer>, watermarks: boolean) {
    this.#files = files;
    this.#watermarks = watermarks;
    this.#server = createServer((request, response) => {
      this.#answer(request, response);
    });
  }

  /** Ends in a slash. */
  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/`;
  }

  get given(): ReadonlyMap<string, number> {
    return this.#given;
  }

  /** The track as listed by a packager that uses this CDN: absolute addresses with the packager's own token. */
  listed(track: Track, token: string): Track {
    const entries = track.entries.map((entry) => ({
      ...entry,
      uri: `${this.url}${entry.uri}?token=${token}`,
    }));
    return { ...track, entries };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'range');
    const token = searchParams.get('token');
    const file = this.#files.get(pathname.slice(1));
    if (request.method === 'OPTIONS') response.writeHead(204).end();
    else if (token === null) {
      this.refused++;
      response.writeHead(403).end();
    } else if (file === undefined) response.writeHead(404).end();
    else this.#send(this.#watermarks ? watermarked(file, token) : file, token, request, response);
  }

  #send(file: Buffer, token: string, { headers }: IncomingMessage, response: ServerResponse): void {
    const [, first = '0', last = String(file.length - 1)] =
      /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    const part = file.subarray(Number(first), Number(last) + 1);
    this.#given.set(token, (this.#given.get(token) ?? 0) + part.length);
    const range = { 'content-range': `bytes ${first}-${last}/${file.length}` };
    response
      .writeHead(headers.range === undefined ? 200 : 206, {
        'content-type': 'video/mp2t',
        'content-length': part.length,
        ...(headers.range !== undefined && range),
      })
      .end(part);
  }
}

function watermarked(file: Buffer, token: string): Buffer {
  const packet = Buffer.alloc(PACKET_BYTES, token);
  packet.set(NULL_PACKET);
  const packets = 1 + (Buffer.from(token).reduce((sum, code) => sum + code, 0) % 7);
  return Buffer.concat([...Array.from({ length: packets }, () => packet), file]);
}
