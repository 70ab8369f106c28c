import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';

const INSIDE = 'FRESHET_LAB_INSIDE';
/** A file system of the enclosure's own, in memory. `ip netns` keeps its names under it. */
const PRIVATE = '/run';
/** For what the lab writes: wrapper scripts, browser profiles, the carrier. */
export const LAB_FOLDER = `${PRIVATE}/lab`;

/** What else runs on the machine goes behind the lab, or its load is measured as the line's. */
export const NICENESS = -10;
/** The kernel weighs sessions, not processes: a file of the session that this process is in. */
export const SESSION_NICENESS = '/proc/self/autogroup';

/**
 * `--kill-child`: when `unshare` ends, for whatever reason, its child gets SIGKILL, and with the first process of a
 * process namespace all others in it, and with the last process of a network namespace its devices.
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
 * Runs this program again with namespaces of its own for networks, processes and mounts. Nothing in there has a name
 * outside, so nothing can be left over, and the kernel removes all of it when the program ends or is killed.
 * @returns its exit code.
 */
export function runInside(args: readonly string[]): Promise<number> {
  // The program's standard input tells it when this process is gone, which `unshare` would survive.
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

/** To be called first in the enclosure. */
export function settleInside(): void {
  process.stdin.resume();
  process.stdin.once('close', () => process.exit(1));
  // The first process of a process namespace has no default for these.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', PRIVATE]);
  if (status !== 0) throw new Error(`cannot mount the lab's file system: ${stderr.toString()}`);
  // Kernels without it weigh processes alone, and there the lab has no advantage.
  if (existsSync(SESSION_NICENESS)) writeFileSync(SESSION_NICENESS, String(NICENESS));
  mkdirSync(LAB_FOLDER, { recursive: true });
}
