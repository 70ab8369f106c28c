/** `npm run soak`: a long run with viewers who come and go, a media server that fails, and attackers. */
import { fileURLToPath } from 'node:url';
import { saveJson } from '../bench/report/save-json.ts';
import { readOptions, type SoakOptions, USAGE } from './options.ts';
import { runSoak } from './run-soak.ts';
import { summariseSoak } from './summary.ts';

const RESULTS = fileURLToPath(new URL('../../bench-results/', import.meta.url));

let options: SoakOptions | 'help';
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(2);
}
if (options === 'help') console.log(USAGE);
else {
  const result = await runSoak(options);
  const summary = summariseSoak(result);
  console.table(summary);
  console.log('attacks:', result.attacks);
  await saveJson(options.json ?? `${RESULTS}soak-${new Date().toISOString().replaceAll(':', '-')}.json`, {
    summary,
    ...result,
  });
}
