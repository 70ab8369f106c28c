import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ProgramOptions {
  /** For log attachments and errors. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Lines kept of a program's output; older ones are dropped. */
const MAX_LINES = 5000;
/** Time from SIGTERM to SIGKILL. */
const GRACE_MS = 12_000;

/** A child process whose output is kept as lines and whose end can be awaited. It always dies with this process. */
export class Program {
  readonly name: string;
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #running = true;

  constructor({ name, command, args, env, cwd }: ProgramOptions) {
    this.name = name;
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd !== undefined && { cwd }),
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        if (this.#lines.length > MAX_LINES) this.#lines.shift();
      });
    }
    const killWithUs = (): void => {
      this.#child.kill('SIGKILL');
    };
    process.once('exit', killWithUs);
    this.exited = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#running = false;
        process.off('exit', killWithUs);
        resolve(how);
      };
      this.#child.once('error', (error) => {
        end(error.message);
      });
      this.#child.once('exit', (code, signal) => {
        end(signal ?? `exit code ${code ?? '?'}`);
      });
    });
  }

  get running(): boolean {
    return this.#running;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Its output on both streams. */
  get output(): string {
    return this.#lines.join('\n');
  }

  /** Ends it and waits for its exit. If SIGTERM has no effect, SIGKILL follows. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (!this.#running) return;
    this.#child.kill(signal);
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    await this.exited;
    clearTimeout(insist);
  }
}
