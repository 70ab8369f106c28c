import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';

const INSIDE = 'FRESHET_LAB_INSIDE';
/** The enclosure's own file system, in memory. `ip netns` keeps its names under it. */
const PRIVATE = '/run';
/** Holds the lab's files: wrapper scripts, browser profiles, the carrier. */
export const LAB_FOLDER = `${PRIVATE}/lab`;

/** The lab runs before all other programs. Otherwise their load is measured as the line's. */
export const NICENESS = -10;
/** The niceness of this process's session: the kernel schedules by session, not by process. */
export const SESSION_NICENESS = '/proc/self/autogroup';

/**
 * `--kill-child`: when `unshare` ends, for any reason, its child gets SIGKILL. All processes of a process namespace end
 * with its first one, and the devices of a network namespace go with its last process.
 */
const UNSHARE = [
  '--net',
  '--mount',
  '--propagation',
  'private',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
];

/** Whether this process runs in an enclosure. */
export function isInside(): boolean {
  return process.env[INSIDE] !== undefined;
}

/**
 * Runs this program again in its own network, process and mount namespaces. Nothing inside has a name outside, so
 * nothing can be left over. The kernel removes all of it when the program ends or is killed.
 * @returns its exit code.
 */
export function runInside(args: readonly string[]): Promise<number> {
  // The program ends when its standard input closes. `unshare` alone would survive the end of this process.
  const child = spawn('unshare', [...UNSHARE, process.execPath, ...process.execArgv, ...args], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
    env: { ...process.env, [INSIDE]: '1' },
  });
  const end = (): void => {
    child.kill('SIGKILL');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  process.once('exit', end);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

/** Call this first in the enclosure. */
export function settleInside(): void {
  process.stdin.resume();
  process.stdin.once('close', () => process.exit(1));
  // The first process of a process namespace has no default handlers for these.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', PRIVATE]);
  if (status !== 0) throw new Error(`cannot mount the lab's file system: ${stderr.toString()}`);
  // Kernels without this file schedule by process only, and the lab gets no priority there.
  if (existsSync(SESSION_NICENESS)) writeFileSync(SESSION_NICENESS, String(NICENESS));
  mkdirSync(LAB_FOLDER, { recursive: true });
}
