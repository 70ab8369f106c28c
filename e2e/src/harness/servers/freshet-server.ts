import { fileURLToPath } from 'node:url';
import { freePort } from '../programs/free-port.ts';
import { Metrics } from './metrics.ts';
import { Program } from '../programs/program.ts';
import { until } from '../programs/until.ts';

const MAIN = fileURLToPath(new URL('../../../../apps/server/dist/main.js', import.meta.url));

export interface ServerOptions {
  /** Stream name -> playlist URL. None: the built-in demo. */
  readonly sources?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** The real server process, on a loopback port that it keeps across restarts. */
export class FreshetServer {
  readonly port: number;
  readonly #args: readonly string[];
  #program: Program;
  #earlierOutput = '';

  static async start({ sources = {}, args = [] }: ServerOptions = {}): Promise<FreshetServer> {
    const port = await freePort();
    const all = ['--host', '127.0.0.1', '--port', String(port)];
    for (const [name, url] of Object.entries(sources)) all.push('--source', `${name}=${url}`);
    const server = new FreshetServer(port, [...all, ...args]);
    try {
      await server.#answers();
    } catch (error) {
      await server.kill();
      throw new Error(`the server did not start:\n${server.output}`, { cause: error });
    }
    return server;
  }

  private constructor(port: number, args: readonly string[]) {
    this.port = port;
    this.#args = args;
    this.#program = this.#spawn();
  }

  /** Localhost, because WebCrypto requires a secure context. Ends in a slash. */
  get url(): string {
    return `http://localhost:${this.port}/`;
  }

  /** The same server under a name that is another origin to a browser. */
  get otherOrigin(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  watchUrl(stream: string): string {
    return `${this.url}watch/${stream}`;
  }

  playlistUrl(stream: string): string {
    return `${this.url}live/${stream}/index.m3u8`;
  }

  get output(): string {
    return `${this.#earlierOutput}${this.#program.output}`;
  }

  get pid(): number | undefined {
    return this.#program.pid;
  }

  /** The process id of the ffmpeg that it started last. Needs `--log-level debug`. */
  ffmpegPid(): Promise<number> {
    // Each line of the log begins with the server's own pid.
    const started = /"pid":(\d+),"plan"[^\n]*"msg":"ffmpeg started"/g;
    return until(() => Number([...this.output.matchAll(started)].at(-1)?.[1] ?? 0) || undefined, {
      what: 'ffmpeg to run',
      timeoutMs: 10_000,
    });
  }

  async metrics(): Promise<Metrics> {
    const response = await fetch(`${this.url}metrics`);
    if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
    return new Metrics(await response.text());
  }

  /** Waits until the stream has media to play. */
  async live(stream: string): Promise<void> {
    await until(async () => (await fetch(this.playlistUrl(stream))).ok, {
      what: `stream ${stream} on the relay\n${this.output.slice(-2000)}`,
      timeoutMs: 30_000,
    });
  }

  /** As in a crash: no connection is closed properly. */
  kill(): Promise<void> {
    return this.#program.stop('SIGKILL');
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }

  /** Starts it again, with the same arguments on the same port. */
  async restart(): Promise<void> {
    await this.stop();
    this.#earlierOutput += `${this.#program.output}\n---- restarted ----\n`;
    this.#program = this.#spawn();
    await this.#answers();
  }

  #spawn(): Program {
    return new Program({ name: 'freshet server', command: process.execPath, args: [MAIN, ...this.#args] });
  }

  async #answers(): Promise<void> {
    await until(
      async () => {
        if (!this.#program.running) throw new Error(`the server exited: ${await this.#program.exited}`);
        return (await fetch(`${this.url}healthz`)).status < 500;
      },
      { what: `the server's health\n${this.output}`, timeoutMs: 15_000 },
    );
  }
}
