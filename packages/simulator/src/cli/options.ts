import { parseArgs } from 'node:util';
import { LAB_SCENARIOS } from '../scenario/lab-scenarios.ts';
import { type Scenario, SCENARIOS } from '../scenario/scenarios.ts';

export interface CliOptions {
  /** Undefined: the scenario's default. */
  readonly viewers: number | undefined;
  readonly seconds: number | undefined;
  readonly seed: number;
  readonly scenarios: readonly string[];
  readonly plot: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

export const ALL_SCENARIOS: Readonly<Record<string, Scenario>> = { ...SCENARIOS, ...LAB_SCENARIOS };

export const HELP = `npm run sim -- [options]
  --viewers N      viewers, 2 to 100000 (default 1000; in lab scenarios 6)
  --scenario NAME  a scenario listed below (default steady)
  --all            all scenarios except those of the lab, one after another
  --lab            all lab scenarios
  --seed N         random seed; the same seed gives the same output (default 1)
  --seconds N      length of the stream, 20 to 3600 (default 120; in lab scenarios 65)
  --plot FILE.svg  draw offload, origin rate, stalls and latency; not with --all or --lab
  --json           print figures as JSON instead of the table
  --help           show this help
Scenarios:
${Object.entries(ALL_SCENARIOS)
  .map(([name, { summary }]) => `  ${name.padEnd(18)}${summary}`)
  .join('\n')}`;

/** Throws an Error that says what is wrong with the arguments. */
export function readOptions(args: readonly string[]): CliOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      viewers: { type: 'string' },
      scenario: { type: 'string', default: 'steady' },
      all: { type: 'boolean', default: false },
      lab: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      seconds: { type: 'string' },
      plot: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { scenario, all, lab, viewers, seconds } = values;
  if (!Object.hasOwn(ALL_SCENARIOS, scenario))
    throw new Error(`unknown scenario ${scenario}; choose from ${Object.keys(ALL_SCENARIOS).join(', ')}`);
  if ((all || lab) && values.plot !== undefined)
    throw new Error('--plot takes a single scenario, not --all or --lab');
  const sets = [...(all ? Object.keys(SCENARIOS) : []), ...(lab ? Object.keys(LAB_SCENARIOS) : [])];
  return {
    viewers: viewers === undefined ? undefined : whole('--viewers', viewers, 2, 100_000),
    seconds: seconds === undefined ? undefined : whole('--seconds', seconds, 20, 3600),
    seed: whole('--seed', values.seed, 0, 2 ** 32 - 1),
    scenarios: sets.length > 0 ? sets : [scenario],
    plot: values.plot,
    json: values.json,
    help: values.help,
  };
}

/** The number of viewers and the length of a scenario's run. */
export function sizeOf(
  { viewers = 1000, seconds = 120 }: Pick<Scenario, 'viewers' | 'seconds'>,
  options: Pick<CliOptions, 'viewers' | 'seconds'>,
): { viewers: number; seconds: number } {
  return { viewers: options.viewers ?? viewers, seconds: options.seconds ?? seconds };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < least || value > most)
    throw new Error(`${name} must be a whole number from ${least} to ${most}, not "${text}"`);
  return value;
}
