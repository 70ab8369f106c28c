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
  /** Two more pipes, as its descriptors 3 (it reads) and 4 (it writes). Default: none. */
  readonly pipes?: boolean | undefined;
  /** A file of ours that it gets as its descriptor 3. It may be closed after the start. Not with `pipes`. */
  readonly descriptor?: number | undefined;
  /** Called with each line of its standard error. */
  readonly onLine: (line: string) => void;
}

/** Time after SIGTERM to finish a file. SIGKILL follows. */
const GRACE_MS: Millis = 1500;
/** Longer lines are cut. */
const MAX_LINE = 2000;
/** Environment variables that a child needs. Our settings contain secrets and are not passed on. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH'];

/** A child process that never outlives this one: it is stopped with us, and on Linux also when we are killed. */
export class ChildProgram {
  /** Resolves with how it ended, in words. Never rejects. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  #running = true;

  constructor({ file, args, input, pipes = false, descriptor, onLine }: ChildOptions) {
    const [command, before] = endingWithUs();
    const env = Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]]));
    this.#child = spawn(command ?? file, command === undefined ? args : [...before, file, ...args], {
      stdio: [
        ...([input === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe'] as const),
        ...(pipes ? (['pipe', 'pipe'] as const) : []),
        ...(descriptor === undefined ? [] : [descriptor]),
      ],
      env,
      // Its own process group: Ctrl-C reaches only us, and we end the child after telling the viewers.
      detached: true,
    });
    const { stderr, stdin } = this.#child;
    if (stderr !== null)
      createInterface({ input: stderr }).on('line', (line) => {
        onLine(line.slice(0, MAX_LINE));
      });
    // Either end may close first; the exit reports the reason.
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
      // Not `exit`, because the last lines give the reason and may still be unread.
      this.#child.once('close', (code, signal) => {
        end(signal ?? `exit code ${code ?? '?'}`);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Its descriptors 3 and 4, if it was started with them. */
  get pipes(): { readonly to: Writable; readonly from: Readable } | undefined {
    const [, , , to, from] = this.#child.stdio;
    return to instanceof Writable && from instanceof Readable ? { to, from } : undefined;
  }

  /** Ends it at once, whatever it is doing. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends it and resolves when it has exited. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#child.kill('SIGTERM');
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    await this.exited;
    clearTimeout(insist);
  }
}

/**
 * On Linux a process can request to be ended with its parent. Only the process itself can request it, or util-linux's
 * setpriv, which then runs the program.
 */
function endingWithUs(): [command: string | undefined, before: string[]] {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined;
  return setpriv === undefined ? [undefined, []] : [setpriv, ['--pdeathsig', 'KILL', '--']];
}
