import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Serves the tests' own pages, as texts by path and as folders, on its own origin like another site. */
export class PageServer {
  readonly #server: Server;
  readonly #hostname: string;
  readonly #texts = new Map<string, string>();
  readonly #policies = new Map<string, string>();
  readonly #folders = new Map<string, string>();

  /** @param address to listen on, and in the URL for browsers; default: loopback. */
  static async start(address?: string): Promise<PageServer> {
    const pages = new PageServer(address ?? 'localhost');
    await new Promise<void>((resolve) => {
      pages.#server.listen(0, address ?? '127.0.0.1', resolve);
    });
    return pages;
  }

  private constructor(hostname: string) {
    this.#hostname = hostname;
    this.#server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://x').pathname;
      void this.#find(path).then(
        (body) => {
          response.setHeader('content-type', TYPES[extname(path)] ?? TYPES['.html'] ?? '');
          const policy = this.#policies.get(path);
          if (policy !== undefined) response.setHeader('content-security-policy', policy);
          response.end(body);
        },
        () => {
          response.writeHead(404).end();
        },
      );
    });
  }

  /** Ends in a slash. */
  get url(): string {
    return `http://${this.#hostname}:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** @param policy its Content-Security-Policy; default: none. @returns its URL. */
  addPage(name: string, html: string, policy?: string): string {
    this.#texts.set(`/${name}`, html);
    if (policy !== undefined) this.#policies.set(`/${name}`, policy);
    return `${this.url}${name}`;
  }

  /** @returns the folder's URL, which ends in a slash. */
  addFolder(name: string, folder: string): string {
    this.#folders.set(`/${name}/`, folder);
    return `${this.url}${name}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #find(path: string): Promise<string | Buffer> {
    const text = this.#texts.get(path);
    if (text !== undefined) return text;
    for (const [prefix, folder] of this.#folders)
      if (path.startsWith(prefix)) return readFile(join(folder, normalize(path.slice(prefix.length))));
    throw new Error(`nothing at ${path}`);
  }
}
