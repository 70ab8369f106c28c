/** `npm run bench:lab`: measures the swarm on home lines, and its effect on them. */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { installRivals } from '../bench/engines/install-rivals.ts';
import { saveJson } from '../bench/report/save-json.ts';
import type { LabEngineName } from './engines.ts';
import type { LabResult } from './group-result.ts';
import { isInside, runInside, settleInside } from './net/enclosure.ts';
import { machineWarnings } from './machine-check.ts';
import { type LabOptions, readOptions, USAGE } from './options.ts';
import { runScenario } from './run-scenario.ts';
import { summariseLab } from './summary.ts';
import { homeTable, summaryTable } from './table.ts';

const RESULTS = fileURLToPath(new URL('../../bench-results/', import.meta.url));

/** Runs in the enclosure, with one scenario. */
async function bench(options: LabOptions): Promise<void> {
  for (const scenario of options.scenarios) {
    console.log(`${scenario.name}: ${scenario.about}`);
    const results = await runScenario(scenario, options);
    const of = (engine: LabEngineName): LabResult[] => results.filter((result) => result.engine === engine);
    const summaries = options.engines.map((engine) => summariseLab(engine, of(engine), of('plain')));
    for (const result of results)
      console.log(`\n${result.engine}, seed ${result.seed}:\n${homeTable(result)}`);
    console.log(`\n${summaryTable(summaries)}\n`);
    for (const warning of machineWarnings(summaries)) console.log(`${warning}\n`);
    const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
    await saveJson(options.json ?? defaultFile(scenario.name), {
      scenario,
      options: { ...options, scenarios: undefined },
      machine,
      summaries,
      results,
    });
  }
}

function defaultFile(scenario: string): string {
  return `${RESULTS}lab-${scenario}-${new Date().toISOString().replaceAll(':', '-')}.json`;
}

let options: LabOptions | 'help';
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(2);
}
if (options === 'help') console.log(USAGE);
else if (!isInside()) {
  // The enclosure has no access to a registry.
  if (options.engines.includes('p2pml-tuned')) await installRivals();
  for (const { name } of options.scenarios) {
    // If an option is given twice, the last one counts.
    const code = await runInside([...process.argv.slice(1), '--scenario', name]);
    if (code !== 0) process.exit(code);
  }
} else {
  settleInside();
  await bench(options);
  process.exit();
}
