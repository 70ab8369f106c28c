import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pipeline, Readable, Writable } from 'node:stream';
import type { Millis } from '@freshet/protocol';
import { findProgram } from './find-program.ts';

export interface ChildOptions {
  /** An executable file. */
  readonly file: string;
  readonly args: readonly string[];
  /** Its standard input. Default: none. */
  readonly input?: Readable | undefined;
  /** Two pipes more, as its descriptors 3 (it reads) and 4 (it writes). Default: none. */
  readonly pipes?: boolean | undefined;
  /** Each line of its standard error. */
  readonly onLine: (line: string) => void;
}

/** After SIGTERM: it may finish a file. Then SIGKILL. */
const GRACE_MS: Millis = 1500;
/** A program that writes no line end fills no memory. */
const MAX_LINE = 2000;
/** What a child needs of our environment; our settings with their secrets are none of it. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH'];

/** A child process that never outlives this one: stopped with us, and on Linux also when we are killed. */
export class ChildProgram {
  /** How it ended, in words. Never fails. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  #running = true;

  constructor({ file, args, input, pipes = false, onLine }: ChildOptions) {
    const [command, before] = endingWithUs();
    const env = Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]]));
    this.#child = spawn(command ?? file, command === undefined ? args : [...before, file, ...args], {
      stdio: [
        ...([input === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe'] as const),
        ...(pipes ? (['pipe', 'pipe'] as const) : []),
      ],
      env,
      // Its own group: Ctrl-C is for us, who end it when viewers have been told.
      detached: true,
    });
    const { stderr, stdin } = this.#child;
    if (stderr !== null)
      createInterface({ input: stderr }).on('line', (line) => {
        onLine(line.slice(0, MAX_LINE));
      });
    // Either end may go first; the exit tells.
    if (stdin !== null && input !== undefined) pipeline(input, stdin, () => undefined);
    const killWithUs = () => {
      this.#child.kill('SIGKILL');
    };
    process.once('exit', killWithUs);
    this.exited = new Promise((resolve) => {
      const end = (how: string) => {
        this.#running = false;
        process.off('exit', killWithUs);
        input?.destroy();
        resolve(how);
      };
      this.#child.once('error', (error) => {
        end(error.message);
      });
      // Not `exit`: the last lines are the ones that say why.
      this.#child.once('close', (code, signal) => {
        end(signal ?? `exit code ${code ?? '?'}`);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Its descriptors 3 and 4, where it was started with them. */
  get pipes(): { readonly to: Writable; readonly from: Readable } | undefined {
    const [, , , to, from] = this.#child.stdio;
    return to instanceof Writable && from instanceof Readable ? { to, from } : undefined;
  }

  /** At once, and whatever it is at. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Resolves when it is gone. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#child.kill('SIGTERM');
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    await this.exited;
    clearTimeout(insist);
  }
}

/**
 * Linux ends a process with its parent when it is told to; only the process itself, or util-linux's setpriv before it,
 * can ask for that.
 */
function endingWithUs(): [command: string | undefined, before: string[]] {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined;
  return setpriv === undefined ? [undefined, []] : [setpriv, ['--pdeathsig', 'KILL', '--']];
}
