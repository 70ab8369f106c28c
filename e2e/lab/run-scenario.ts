import { PageServer } from '../src/harness/servers/page-server.ts';
import { TurnServer } from '../src/harness/servers/turn-server.ts';
import { type LabEngine, openLabEngine } from './engines.ts';
import type { LabResult } from './group-result.ts';
import { LAB_FOLDER } from './net/enclosure.ts';
import { TURN_PORT } from './net/ice-servers.ts';
import { buildNetwork, SERVER_ADDRESS } from './net/network.ts';
import type { LabOptions } from './options.ts';
import { runGroup } from './run-group.ts';
import type { Scenario } from './scenarios.ts';
import { partSource, segmentClip, segmentSource } from './source.ts';

/** Added to the stay: the joins, and three minutes for pages to get ready on slow machines. */
const PREPARATION_SECONDS = 210;

/** Runs a scenario in its own network. Each run starts with the next engine, so that none is always first. */
export async function runScenario(scenario: Scenario, options: LabOptions): Promise<readonly LabResult[]> {
  const seconds = options.seconds + PREPARATION_SECONDS;
  if (scenario.lowLatency !== true) await segmentClip(seconds);
  // From here on, temporary files are removed with the enclosure.
  process.env['TMPDIR'] = LAB_FOLDER;
  const startSource = () => (scenario.lowLatency === true ? partSource(seconds) : segmentSource(seconds));
  buildNetwork(scenario);
  const closers: (() => Promise<void>)[] = [];
  try {
    const turn = await TurnServer.start({ address: SERVER_ADDRESS, port: TURN_PORT });
    closers.unshift(() => turn.close());
    const pages = await PageServer.start(SERVER_ADDRESS);
    closers.unshift(() => pages.close());
    const engines: LabEngine[] = [];
    for (const name of options.engines) {
      const engine = await openLabEngine(name, pages, scenario.turn);
      closers.unshift(() => engine.close());
      engines.push(engine);
    }
    const results: LabResult[] = [];
    for (let run = 0; run < options.runs; run++)
      for (const engine of [
        ...engines.slice(run % engines.length),
        ...engines.slice(0, run % engines.length),
      ]) {
        console.log(`run ${run + 1} of ${options.runs}: ${engine.label} …`);
        const { seconds: stay, call, seed } = options;
        results.push(
          await runGroup({ scenario, engine, startSource, pages, seconds: stay, call, seed: seed + run }),
        );
      }
    return results;
  } finally {
    for (const close of closers) await close();
  }
}
