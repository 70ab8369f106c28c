import { Program } from '../../src/harness/program.ts';
import { until } from '../../src/harness/until.ts';
import { RIVALS } from './install-rivals.ts';

/** The WebTorrent tracker of e2e/rivals, as a process of its own. */
export class RivalTracker {
  readonly url: string;
  readonly #program: Program;

  static async start(): Promise<RivalTracker> {
    const program = new Program({
      name: 'WebTorrent tracker',
      command: process.execPath,
      args: ['tracker.mjs'],
      cwd: RIVALS,
    });
    const port = await until(
      () => {
        if (!program.running) throw new Error(`it ended:\n${program.output}`);
        return /^listening on (\d+)$/m.exec(program.output)?.[1];
      },
      { what: 'the WebTorrent tracker', timeoutMs: 10_000 },
    );
    return new RivalTracker(program, `ws://127.0.0.1:${port}`);
  }

  private constructor(program: Program, url: string) {
    this.#program = program;
    this.url = url;
  }

  close(): Promise<void> {
    return this.#program.stop();
  }
}
