import { execFileSync } from 'node:child_process';

/**
 * Runs a short program to its end.
 * @param line program and arguments, split at spaces.
 * @throws Error with its output.
 */
export function run(line: string): void {
  const [command = '', ...args] = line.split(' ');
  try {
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    throw new Error(`${line}: ${stderr?.toString() ?? 'cannot be started'}`, { cause: error });
  }
}
