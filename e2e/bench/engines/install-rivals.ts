import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Program } from '../../src/harness/program.ts';

export const RIVALS = fileURLToPath(new URL('../../rivals/', import.meta.url));

/**
 * The other engines, with a lock of their own: no part of the workspace, so that nobody who only builds or tests the
 * product downloads them. Installed at the first use and when the versions asked for have changed.
 * @throws Error with what npm printed.
 */
export async function installRivals(): Promise<void> {
  if (await installed()) return;
  console.log('installing the other engines (e2e/rivals) …');
  const npm = new Program({ name: 'npm', command: 'npm', args: ['ci'], cwd: RIVALS });
  const how = await npm.exited;
  if (how !== 'exit code 0') throw new Error(`npm ci in ${RIVALS}: ${how}\n${npm.output}`);
}

async function installed(): Promise<boolean> {
  const { dependencies } = await manifest(`${RIVALS}package.json`);
  for (const [name, version] of Object.entries(dependencies ?? {})) {
    const there = await manifest(`${RIVALS}node_modules/${name}/package.json`).catch(() => undefined);
    if (there?.version !== version) return false;
  }
  return true;
}

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

async function manifest(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(path, 'utf8')) as Manifest;
}
