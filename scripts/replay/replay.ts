/**
 * `npm run replay -- FILE`: steps PeerCore or TrackerCore through a trace that `freshet.record()`, the player's panel or
 * the server exported, prints each decision, and stops at the first one that differs from the recorded one.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { replayTrace } from '@freshet/swarm';
import { describeStep } from './describe-step.ts';

const USAGE = `npm run replay -- FILE [--from N] [--quiet]
  FILE      a trace: JSON lines from freshet.record(), "Copy trace", or GET …/trace of the server
  --from N  print steps from number N on (default 1)
  --quiet   print the result only
Exit code: 0 the core decides as recorded, 1 it does not, 2 the trace cannot be read or lacks its beginning.`;

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { from: { type: 'string' }, quiet: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const [file, ...more] = positionals;
  const from = Number(values.from ?? 1);
  if (values.help === true || file === undefined || more.length > 0 || !Number.isInteger(from)) {
    console.log(USAGE);
    return values.help === true ? 0 : 2;
  }
  const { header, steps, difference } = replayTrace(readFileSync(file, 'utf8'), (step) => {
    if (values.quiet !== true && step.number >= from) console.log(describeStep(step, header.startedAt));
  });
  if (header.dropped > 0) {
    console.log(`The trace lacks its first ${header.dropped} steps: it can be read, but not replayed.`);
    return 2;
  }
  if (difference === undefined) {
    console.log(`All ${steps} steps are decided as recorded.`);
    return 0;
  }
  console.log(`Step ${difference.number} of ${steps} is decided otherwise.
recorded: ${difference.step.commands}
decided:  ${difference.decided ?? ''}`);
  return 1;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
