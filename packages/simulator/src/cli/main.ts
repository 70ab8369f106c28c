import { writeFileSync } from 'node:fs';
import { isMainThread, Worker } from 'node:worker_threads';
import { plot } from '../report/plot.ts';
import { judge, passes, replayLine, table } from '../report/verdict.ts';
import { simulate } from '../world/simulate.ts';
import { ALL_SCENARIOS, type CliOptions, HELP, readOptions, sizeOf } from './options.ts';

/**
 * Messages between ten thousand viewers live for a hundred milliseconds. With the usual few megabytes for young
 * objects, the garbage collector moves them to the old generation and then has to scan all of it.
 */
const HEAP = { maxYoungGenerationSizeMb: 384, maxOldGenerationSizeMb: 12_288 };

function run(name: string, options: CliOptions): boolean {
  const scenario = ALL_SCENARIOS[name];
  if (scenario === undefined) throw new Error(`unknown scenario ${name}`);
  const { seed } = options;
  const { viewers, seconds } = sizeOf(scenario, options);
  const figures = simulate(scenario, { viewers, seconds, seed });
  const lines = judge(scenario, figures);
  const title = `${name}: ${viewers} viewers, ${seconds} s, seed ${seed}`;
  if (options.plot !== undefined) writeFileSync(options.plot, plot(title, figures.seconds));
  if (options.json)
    console.log(JSON.stringify({ scenario: name, options: { viewers, seconds, seed }, figures }));
  else {
    const found = [...figures.firstBreaches, ...figures.firstAvoidableStalls];
    console.log([title, table(lines), ...found.map((line) => `  ${line}`)].join('\n'));
  }
  const passed = passes(lines);
  if (!passed) console.error(`replay: ${replayLine(name, { viewers, seconds, seed })}`);
  return passed;
}

function main(): void {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options.help) console.log(HELP);
    else if (!options.scenarios.map((name) => run(name, options)).every(Boolean)) process.exitCode = 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), resourceLimits: HEAP });
  worker.once('exit', (code) => {
    process.exitCode = code;
  });
} else main();
