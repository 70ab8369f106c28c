import { CProgram } from './c-program.ts';
import type { CallCounters } from './counters.ts';
import { homeNames, SERVER_ADDRESS } from './network.ts';

const PORT = 4000;

/** A call from each home to the server's host and back: see call.c. */
export class Calls {
  readonly #program: CProgram;

  static async start(homes: number): Promise<Calls> {
    const machines = Array.from({ length: homes }, (_, index) => homeNames(index).machine);
    return new Calls(await CProgram.start('call', [SERVER_ADDRESS, String(PORT), ...machines]));
  }

  private constructor(program: CProgram) {
    this.#program = program;
  }

  async counters(): Promise<readonly CallCounters[]> {
    const { calls } = (await this.#program.ask()) as { readonly calls: readonly CallCounters[] };
    return calls;
  }

  close(): Promise<void> {
    return this.#program.close();
  }
}
