import { parseArgs } from 'node:util';
import { type EngineName, ENGINES } from './engines/engine.ts';
import { type Scenario, SCENARIOS } from './scenario.ts';
import { wholeNumber } from './whole-number.ts';

export interface BenchOptions {
  readonly engines: readonly EngineName[];
  readonly scenario: Scenario;
  /** Viewers in each group. */
  readonly viewers: number;
  /** How long they stay after the last join. */
  readonly seconds: number;
  /** Repetitions; the engines take turns within each. */
  readonly runs: number;
  /** Seed of the random stays in `churn`. The same for every engine of a run. */
  readonly seed: number;
}

const DEFAULT_ENGINES = 'plain,freshet,p2pml,p2pml-tuned';

export const USAGE = `npm run bench:swarm -- [--engines ${DEFAULT_ENGINES}] [--scenario steady]
                       [--viewers 8] [--seconds 60] [--runs 1] [--seed 1]
  --engines   from ${ENGINES.join(', ')}; the others are compared with plain
  --scenario  steady: viewers join a second apart and stay
              all-at-once: all viewers join at the same moment
              churn: like steady, but each leaves after a mean stay of 20 s and is replaced
              capped: like steady, but each viewer may upload 2/3 of the bitrate
              one-at-0, one-at-200: like steady, but the second viewer uploads nothing, or has an uplink of 200 kbit/s
  --viewers   viewers in each group (2 to 32)
  --seconds   time after the last join (15 to 1800); use 120 or more for the steady state
  --runs      repetitions, each with one group of viewers per engine (1 to 20)
  --seed      seed of the random stays in churn; each further run uses the next seed`;

/** @throws Error with a message for the terminal. */
export function readOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engines: { type: 'string', default: DEFAULT_ENGINES },
      scenario: { type: 'string', default: 'steady' },
      viewers: { type: 'string', default: '8' },
      seconds: { type: 'string', default: '60' },
      runs: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    engines: [...new Set(values.engines.split(','))].map((name) => oneOf('--engines', name, ENGINES)),
    scenario: oneOf('--scenario', values.scenario, SCENARIOS),
    viewers: wholeNumber('--viewers', values.viewers, 2, 32),
    seconds: wholeNumber('--seconds', values.seconds, 15, 1800),
    runs: wholeNumber('--runs', values.runs, 1, 20),
    seed: wholeNumber('--seed', values.seed, 0, 2 ** 32 - 1),
  };
}

function oneOf<T extends string>(name: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found === undefined) throw new Error(`${name} must be one of ${known.join(', ')}, not "${text}"`);
  return found;
}
