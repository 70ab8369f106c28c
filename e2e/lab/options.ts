import { parseArgs } from 'node:util';
import { type Scenario, SCENARIOS, withHomes } from './scenarios.ts';
import { LAB_ENGINES, type LabEngineName } from './engines.ts';
import { wholeNumber } from '../bench/whole-number.ts';

export interface LabOptions {
  readonly scenarios: readonly Scenario[];
  readonly engines: readonly LabEngineName[];
  /** Repetitions; the engines take turns within each. */
  readonly runs: number;
  /** How long viewers stay after the last join. */
  readonly seconds: number;
  /** Seed of losses, jitter and random stays. Each further run uses the next seed. */
  readonly seed: number;
  /** File for the figures. Undefined: a new file under bench-results. */
  readonly json: string | undefined;
  /** Whether each home has a call. */
  readonly call: boolean;
}

const NAMES = SCENARIOS.map(({ name, about }) => `              ${name.padEnd(16)}${about}`).join('\n');

export const USAGE = `npm run bench:lab -- [--scenario uplink-3] [--engines ${LAB_ENGINES.join(',')}] [--runs 1]
                     [--seconds 60] [--homes 6] [--call] [--seed 1] [--json FILE]
  --scenario  one or more, separated by commas, each with its own network:
${NAMES}
  --engines   from ${LAB_ENGINES.join(', ')}; the others are compared with plain
  --runs      repetitions, each with one audience per engine (1 to 20)
  --seconds   time after the last join (15 to 1800)
  --homes     number of homes instead of six (2 to 16); the scenario's list is cut or repeated
  --call      add a call between each home and the server's host: 160 bytes over UDP every 20 ms, both ways
  --seed      seed of losses, jitter and random stays; each further run uses the next seed
  --json      file for the figures, with one scenario only; default: a new file under bench-results`;

/** @throws Error with a message for the terminal. */
export function readOptions(args: readonly string[]): LabOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string', default: 'uplink-3' },
      engines: { type: 'string', default: LAB_ENGINES.join(',') },
      runs: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      homes: { type: 'string' },
      call: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const homes = values.homes === undefined ? undefined : wholeNumber('--homes', values.homes, 2, 16);
  const scenarios = [...new Set(values.scenario.split(','))].map(scenarioOf);
  if (values.json !== undefined && scenarios.length > 1)
    throw new Error('--json works with one scenario only');
  return {
    scenarios: homes === undefined ? scenarios : scenarios.map((one) => withHomes(one, homes)),
    engines: [...new Set(values.engines.split(','))].map(engineOf),
    runs: wholeNumber('--runs', values.runs, 1, 20),
    seconds: wholeNumber('--seconds', values.seconds, 15, 1800),
    seed: wholeNumber('--seed', values.seed, 0, 2 ** 31),
    json: values.json,
    call: values.call,
  };
}

function scenarioOf(text: string): Scenario {
  const found = SCENARIOS.find(({ name }) => name === text);
  if (found === undefined)
    throw new Error(
      `--scenario must be one of ${SCENARIOS.map(({ name }) => name).join(', ')}, not "${text}"`,
    );
  return found;
}

function engineOf(text: string): LabEngineName {
  const found = LAB_ENGINES.find((name) => name === text);
  if (found === undefined)
    throw new Error(`--engines must be one of ${LAB_ENGINES.join(', ')}, not "${text}"`);
  return found;
}
