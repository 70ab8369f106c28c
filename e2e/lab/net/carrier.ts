import type { Home } from '../home.ts';
import type { LineCounters, WayCounters } from './counters.ts';
import { CProgram } from './c-program.ts';
import { homeNames } from './network.ts';

/** The lines of all homes: see carrier.c. */
export class Carrier {
  readonly #program: CProgram;

  static async start(homes: readonly Home[], seed: number): Promise<Carrier> {
    const args = homes.flatMap((home, index) => {
      const { near, router, wan } = homeNames(index);
      const { oneWayMs, jitterMs, loss, queueMs, upKbps, downKbps } = home;
      return [near, router, wan, ...[oneWayMs, jitterMs, loss, queueMs, upKbps, downKbps].map(String)];
    });
    return new Carrier(await CProgram.start('carrier', [String(seed), ...args]));
  }

  private constructor(program: CProgram) {
    this.#program = program;
  }

  /** The counters of each home since the start. */
  async counters(): Promise<readonly LineCounters[]> {
    const { ways } = (await this.#program.ask()) as { readonly ways: readonly WayCounters[] };
    const lines: LineCounters[] = [];
    for (let i = 0; i + 1 < ways.length; i += 2) {
      const [up, down] = [ways[i], ways[i + 1]];
      if (up !== undefined && down !== undefined) lines.push({ up, down });
    }
    return lines;
  }

  close(): Promise<void> {
    return this.#program.close();
  }
}
