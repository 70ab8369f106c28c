import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** A server that does not end by itself within this time is killed. */
const STOP_MS = 2000;
/** Start of the greeting, the only text that the server prints when it listens. */
const LISTENS = /^Freshet is listening .*port (\d+)/;
const TOKEN = /^ *token +(\S+)/m;

export interface StartedServer {
  /** Its output once it listened. */
  readonly greeting: string;
}

/** The server, run from its sources as a child process, one at a time. */
export class DevServer {
  readonly #root: string;
  readonly #args: readonly string[];
  /** With `--port 0` the first start chooses the port, and the next ones keep it. */
  #portArgs: readonly string[] = [];
  #child: ChildProcess | undefined;
  /** The console's token from the first start, so that sessions in open pages continue after a restart. */
  #token: string | undefined;

  constructor(root: string, args: readonly string[]) {
    this.#root = root;
    this.#args = args;
  }

  /**
   * Ends the running server and starts another.
   * @returns its exit code if it ended before it listened; the reason is on standard error
   */
  async restart(): Promise<StartedServer | number> {
    await this.stop();
    const child = spawn(
      process.execPath,
      [
        ...['--import', 'tsx', '--conditions=@freshet/source'],
        ...[path.join(this.#root, 'apps/server/src/main.ts'), ...this.#args, ...this.#portArgs],
      ],
      {
        cwd: this.#root,
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          // Cuts transfers at once: the pages reload anyway.
          FRESHET_DRAIN_SECONDS: '0',
          ...process.env,
          ...(this.#token !== undefined && { FRESHET_ADMIN_TOKEN: this.#token }),
        },
      },
    );
    this.#child = child;
    return new Promise((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        const greeting = chunk.toString();
        const [, port] = LISTENS.exec(greeting) ?? [];
        if (port === undefined) {
          process.stdout.write(chunk);
          return;
        }
        this.#token ??= TOKEN.exec(greeting)?.[1];
        this.#portArgs = ['--port', port];
        resolve({ greeting });
      });
      child.once('error', reject);
      child.once('close', (code) => {
        resolve(code ?? 1);
      });
    });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await closed;
    clearTimeout(kill);
  }
}
