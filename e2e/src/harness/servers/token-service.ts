import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A broadcaster's service that makes tokens for its own pages: `GET /<sub>` answers with one, or with 403. */
export class TokenService {
  readonly secret = 'a-secret-of-the-tests-long-enough-for-HS256';
  /** The tokens that each viewer was given. */
  readonly given = new Map<string, number>();
  /** Who gets no more tokens. */
  readonly refused = new Set<string>();
  readonly #seconds: number;
  readonly #server: Server;

  /** @param seconds validity of the tokens */
  static async start(seconds: number): Promise<TokenService> {
    const service = new TokenService(seconds);
    await new Promise<void>((resolve) => service.#server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  private constructor(seconds: number) {
    this.#seconds = seconds;
    this.#server = createServer((request, response) => {
      const sub = request.url?.slice(1) ?? '';
      response.setHeader('access-control-allow-origin', '*');
      if (this.refused.has(sub)) {
        response.writeHead(403).end();
        return;
      }
      this.given.set(sub, (this.given.get(sub) ?? 0) + 1);
      response.end(this.sign(sub, this.#seconds));
    });
  }

  url(sub: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${sub}`;
  }

  /** A JWT by HS256. */
  sign(sub: string, seconds: number): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = { stream: 'demo', sub, iat: now, exp: now + seconds };
    const parts = [{ alg: 'HS256' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const text = parts.join('.');
    return `${text}.${createHmac('sha256', this.secret).update(text).digest('base64url')}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
