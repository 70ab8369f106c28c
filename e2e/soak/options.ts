import { parseArgs } from 'node:util';
import { wholeNumber } from '../bench/whole-number.ts';

export interface SoakOptions {
  readonly minutes: number;
  /** File for the figures. Undefined: a new file under bench-results. */
  readonly json: string | undefined;
}

export const USAGE = `npm run soak -- [--minutes 60] [--json FILE]
  --minutes  length of the run (2 to 1440)
  --json     file for the figures; default: a new file under bench-results`;

/** @throws Error with a message for the terminal. */
export function readOptions(args: readonly string[]): SoakOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '60' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return { minutes: wholeNumber('--minutes', values.minutes, 2, 1440), json: values.json };
}
