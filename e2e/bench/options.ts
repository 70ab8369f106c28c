import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Viewers of each group; they join one second apart. */
  readonly viewers: number;
  /** How long they stay after the last join. */
  readonly seconds: number;
  /** Repetitions; plain and Freshet groups alternate. */
  readonly runs: number;
}

export const USAGE = `npm run bench:swarm -- [--viewers 8] [--seconds 60] [--runs 1]
  --viewers  viewers of each group, joining a second apart (1 to 32)
  --seconds  stay after the last join (10 to 1800); use 120 or more for the steady state
  --runs     repetitions; each is a group of plain hls.js viewers, then one of Freshet's (1 to 20)`;

/** @throws Error with a sentence for the person at the terminal. */
export function readOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      viewers: { type: 'string', default: '8' },
      seconds: { type: 'string', default: '60' },
      runs: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    viewers: whole('--viewers', values.viewers, 1, 32),
    seconds: whole('--seconds', values.seconds, 10, 1800),
    runs: whole('--runs', values.runs, 1, 20),
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new Error(`${name} takes a whole number from ${min} to ${max}`);
  return value;
}
