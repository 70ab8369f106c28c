/**
 * `npm run bench:swarm`: measures what a swarm saves and what it costs the viewer, for plain hls.js, Freshet and
 * another engine.
 */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Clip, makeClip, SEGMENT_SECONDS } from '../src/harness/sources/clip.ts';
import { PageServer } from '../src/harness/servers/page-server.ts';
import type { Engine } from './engines/engine.ts';
import { openEngine } from './engines/open-engine.ts';
import type { GroupResult } from './report/group-result.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { runGroup } from './run-group.ts';
import { saveJson } from './report/save-json.ts';
import { offloadLimit } from './scenario.ts';
import { summarise } from './report/summary.ts';
import { table } from './report/table.ts';

const RESULTS = fileURLToPath(new URL('../../bench-results/', import.meta.url));

async function bench(options: BenchOptions): Promise<void> {
  const { scenario, viewers, seconds } = options;
  // The initial window, the joins, the stay, and three minutes for pages to get ready on slow machines.
  const clip = await makeClip(10 * SEGMENT_SECONDS + viewers + seconds + 180);
  console.log(
    `${scenario}: ${viewers} viewers, ${seconds} s after the last join; ${clip.kbps.toFixed(0)} kbit/s, ${SEGMENT_SECONDS} s segments, 10 in the playlist`,
  );
  const pages = await PageServer.start();
  const engines: Engine[] = [];
  try {
    for (const name of options.engines) engines.push(await openEngine(name, pages));
    const groups = await runAll(options, engines, clip);
    const plain = groups[engines.findIndex(({ name }) => name === 'plain')];
    const summaries = engines.map(({ label }, i) => summarise(label, groups[i] ?? [], plain));
    console.log(`\n${table(summaries, offloadLimit(scenario, viewers))}\n`);
    const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
    const stream = { kbps: clip.kbps, segmentSeconds: SEGMENT_SECONDS };
    await saveJson(fileOf(scenario), { options, stream, machine, summaries, groups: groups.flat() });
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
    await pages.close();
  }
}

/** @returns the results of each engine's runs. Each run starts with the next engine, so that none is always first. */
async function runAll(
  options: BenchOptions,
  engines: readonly Engine[],
  clip: Clip,
): Promise<readonly (readonly GroupResult[])[]> {
  const groups = engines.map((): GroupResult[] => []);
  for (let run = 0; run < options.runs; run++)
    for (let turn = 0; turn < engines.length; turn++) {
      const which = (run + turn) % engines.length;
      const engine = engines[which];
      if (engine === undefined) continue;
      console.log(`run ${run + 1} of ${options.runs}: ${engine.label} …`);
      groups[which]?.push(await runGroup({ ...options, engine, clip, seed: options.seed + run }));
    }
  return groups;
}

function fileOf(scenario: string): string {
  return `${RESULTS}${scenario}-${new Date().toISOString().replaceAll(':', '-')}.json`;
}

let options: BenchOptions | 'help';
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(2);
}
if (options === 'help') console.log(USAGE);
else await bench(options);
