import { Program } from '../../src/harness/programs/program.ts';
import { until } from '../../src/harness/programs/until.ts';
import { RIVALS } from './install-rivals.ts';

/** The WebTorrent tracker of e2e/rivals, in its own process. */
export class RivalTracker {
  readonly url: string;
  readonly #program: Program;

  /** @param address to listen on. */
  static async start(address: string): Promise<RivalTracker> {
    const program = new Program({
      name: 'WebTorrent tracker',
      command: process.execPath,
      args: ['tracker.mjs', address],
      cwd: RIVALS,
    });
    const port = await until(
      () => {
        if (!program.running) throw new Error(`the WebTorrent tracker exited:\n${program.output}`);
        return /^listening on (\d+)$/m.exec(program.output)?.[1];
      },
      { what: 'the WebTorrent tracker', timeoutMs: 10_000 },
    );
    return new RivalTracker(program, `ws://${address}:${port}`);
  }

  private constructor(program: Program, url: string) {
    this.#program = program;
    this.url = url;
  }

  close(): Promise<void> {
    return this.#program.stop();
  }
}
