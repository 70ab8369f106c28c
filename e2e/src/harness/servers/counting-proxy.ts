import {
  createServer,
  request as sendRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { segmentIdFromUrl } from '@freshet/protocol';

/**
 * A reverse proxy before the server that counts the bytes of segment bodies on their way to viewers, so that no figure
 * depends on the measured system's own reports. Forwards WebSockets.
 */
export class CountingProxy {
  readonly #server: Server;
  readonly #target: URL;
  readonly #hostname: string;
  /** WebSockets: both ends of each, with the path. */
  readonly #tunnels = new Map<Socket, string>();
  #blocked: string | undefined;
  readonly #bytesByPath = new Map<string, number>();

  /**
   * @param target the server's URL.
   * @param address to listen on, and in the URL for viewers; default: loopback.
   */
  static async start(target: string, address?: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(new URL(target), address ?? 'localhost');
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, address ?? '127.0.0.1', resolve);
    });
    return proxy;
  }

  private constructor(target: URL, hostname: string) {
    this.#target = target;
    this.#hostname = hostname;
    this.#server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
      this.#forward(request, response);
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.#tunnel(request, socket, head);
    });
  }

  /** Ends in a slash. */
  get url(): string {
    return `http://${this.#hostname}:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Bytes of segment bodies that passed, including aborted transfers. */
  get segmentBytes(): number {
    return [...this.#bytesByPath.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** The same by path. */
  get segments(): ReadonlyMap<string, number> {
    return this.#bytesByPath;
  }

  /** Cuts and refuses all connections to paths that begin so, until `unblock`. */
  block(path: string): void {
    this.#blocked = path;
    for (const [socket, tunnelled] of this.#tunnels) if (tunnelled.startsWith(path)) socket.destroy();
  }

  unblock(): void {
    this.#blocked = undefined;
  }

  async close(): Promise<void> {
    for (const socket of this.#tunnels.keys()) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    if (this.#isBlocked(path)) {
      request.socket.destroy();
      return;
    }
    const upstream = sendRequest(
      new URL(path, this.#target),
      { method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        const key = request.method === 'GET' && segmentIdFromUrl(path) !== undefined ? path : undefined;
        if (key !== undefined)
          answer.on('data', (chunk: Buffer) => {
            this.#bytesByPath.set(key, (this.#bytesByPath.get(key) ?? 0) + chunk.length);
          });
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    upstream.on('error', () => response.destroy());
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  }

  #isBlocked(path: string): boolean {
    return this.#blocked !== undefined && path.startsWith(this.#blocked);
  }

  #tunnel(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const path = request.url ?? '/';
    if (this.#isBlocked(path)) {
      socket.destroy();
      return;
    }
    const upstream = connect(Number(this.#target.port), this.#target.hostname, () => {
      const lines = [`${request.method ?? 'GET'} ${path} HTTP/1.1`];
      for (let i = 0; i < request.rawHeaders.length; i += 2)
        lines.push(`${request.rawHeaders[i] ?? ''}: ${request.rawHeaders[i + 1] ?? ''}`);
      upstream.write(`${lines.join('\r\n')}\r\n\r\n`);
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      this.#tunnels.set(one, path);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#tunnels.delete(one);
        other.destroy();
      });
    }
  }
}
