import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { keyOf } from './encrypt.ts';

/**
 * A broadcaster's key server on its own origin. It serves keys for requests with a bearer token, and records the
 * tokens.
 */
export class KeyServer {
  readonly #server: Server;
  readonly #given = new Map<string, Set<number>>();
  /** Requests without a token. */
  refused = 0;

  static async start(): Promise<KeyServer> {
    const keys = new KeyServer();
    await new Promise<void>((resolve) => {
      keys.#server.listen(0, '127.0.0.1', resolve);
    });
    return keys;
  }

  private constructor() {
    this.#server = createServer(({ method, url, headers }, response) => {
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', 'authorization');
      const number = Number(url?.slice('/key/'.length));
      const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
      if (method === 'OPTIONS') response.writeHead(204).end();
      else if (token === undefined) {
        this.refused++;
        response.writeHead(403).end();
      } else {
        const given = this.#given.get(token) ?? new Set();
        this.#given.set(token, given.add(number));
        response.end(keyOf(number));
      }
    });
  }

  /** The URL of a key without its number. */
  get keyUrl(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/key/`;
  }

  /** The numbers of the keys that were served, by token. */
  get given(): ReadonlyMap<string, ReadonlySet<number>> {
    return this.#given;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
