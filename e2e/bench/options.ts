import { parseArgs } from 'node:util';
import { type EngineName, ENGINES } from './engines/engine.ts';
import { type Scenario, SCENARIOS } from './scenario.ts';

export interface BenchOptions {
  readonly engines: readonly EngineName[];
  readonly scenario: Scenario;
  /** Viewers of each group. */
  readonly viewers: number;
  /** How long they stay after the last join. */
  readonly seconds: number;
  /** Repetitions; the engines take turns within each. */
  readonly runs: number;
  /** Of the random stays in `churn`. The same for every engine of a run. */
  readonly seed: number;
}

const DEFAULT_ENGINES = 'plain,freshet,p2pml,p2pml-tuned';

export const USAGE = `npm run bench:swarm -- [--engines ${DEFAULT_ENGINES}] [--scenario steady]
                       [--viewers 8] [--seconds 60] [--runs 1] [--seed 1]
  --engines   of ${ENGINES.join(', ')}; plain is what the others are compared with
  --scenario  steady: viewers join a second apart and stay
              all-at-once: they all join at one moment
              churn: as steady, but each leaves after 20 s in the mean and another takes its place
              capped: as steady, every viewer may upload 2/3 of the bitrate
              one-at-0, one-at-200: as steady, the second viewer gives nothing, or has an uplink of 200 kbit/s
  --viewers   viewers of each group (2 to 32)
  --seconds   stay after the last join (15 to 1800); use 120 or more for the steady state
  --runs      repetitions; each has one group of viewers for each engine (1 to 20)
  --seed      of the random stays in churn; the n-th run takes the n-th seed from this one on`;

/** @throws Error with a sentence for the person at the terminal. */
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
    viewers: whole('--viewers', values.viewers, 2, 32),
    seconds: whole('--seconds', values.seconds, 15, 1800),
    runs: whole('--runs', values.runs, 1, 20),
    seed: whole('--seed', values.seed, 0, 2 ** 32 - 1),
  };
}

function oneOf<T extends string>(name: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found === undefined) throw new Error(`${name} takes ${known.join(', ')}, not "${text}"`);
  return found;
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new Error(`${name} takes a whole number from ${min} to ${max}`);
  return value;
}
