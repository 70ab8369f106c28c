import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { LAB_FOLDER } from './enclosure.ts';
import { run } from './run.ts';

const ANSWER_MS = 5000;

/** One of the lab's C programs. It is compiled at first use, and answers each line of input with a line of JSON. */
export class CProgram {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #name: string;

  /** @returns when it has printed its first answer. */
  static async start(name: string, args: readonly string[]): Promise<CProgram> {
    const binary = `${LAB_FOLDER}/${name}`;
    if (!existsSync(binary)) compile(name, binary);
    const program = new CProgram(name, binary, args);
    await program.#next();
    return program;
  }

  private constructor(name: string, binary: string, args: readonly string[]) {
    this.#name = name;
    this.#child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#child.stdout === null) throw new Error('no pipe');
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  /** Its counters at this moment. */
  async ask(): Promise<unknown> {
    const answer = this.#next();
    this.#child.stdin?.write('\n');
    return JSON.parse(await answer) as unknown;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await gone;
  }

  async #next(): Promise<string> {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const [line] = (await once(this.#lines, 'line', { signal }).catch((error: unknown) => {
      throw new Error(`${this.#name} does not respond`, { cause: error });
    })) as [string];
    return line;
  }
}

function compile(name: string, binary: string): void {
  run(`gcc -O2 -Wall -o ${binary} ${fileURLToPath(new URL(`${name}.c`, import.meta.url))}`);
}
