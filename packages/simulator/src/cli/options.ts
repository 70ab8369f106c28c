import { parseArgs } from 'node:util';
import { SCENARIOS } from '../scenario/scenarios.ts';

export interface CliOptions {
  readonly viewers: number;
  readonly seconds: number;
  readonly seed: number;
  readonly scenarios: readonly string[];
  readonly plot: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

export const HELP = `npm run sim -- [options]
  --viewers N      viewers, 2 to 100000 (default 1000)
  --scenario NAME  one of those below (default steady)
  --all            every scenario, one after another
  --seed N         the same seed gives the same output (default 1)
  --seconds N      of stream, 20 to 3600 (default 120)
  --plot FILE.svg  a picture of offload, origin rate, stalls and latency; not with --all
  --json           figures as JSON in place of the table
  --help
Scenarios:
${Object.entries(SCENARIOS)
  .map(([name, { summary }]) => `  ${name.padEnd(17)}${summary}`)
  .join('\n')}`;

/** Throws an Error that says what is wrong with the arguments. */
export function readOptions(args: readonly string[]): CliOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      viewers: { type: 'string', default: '1000' },
      scenario: { type: 'string', default: 'steady' },
      all: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '120' },
      plot: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (!Object.hasOwn(SCENARIOS, values.scenario))
    throw new Error(`no scenario ${values.scenario}; there are ${Object.keys(SCENARIOS).join(', ')}`);
  if (values.all && values.plot !== undefined) throw new Error('--plot draws one scenario, not --all');
  return {
    viewers: whole('--viewers', values.viewers, 2, 100_000),
    seconds: whole('--seconds', values.seconds, 20, 3600),
    seed: whole('--seed', values.seed, 0, 2 ** 32 - 1),
    scenarios: values.all ? Object.keys(SCENARIOS) : [values.scenario],
    plot: values.plot,
    json: values.json,
    help: values.help,
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < least || value > most)
    throw new Error(`${name} is a whole number from ${least} to ${most}, not "${text}"`);
  return value;
}
