import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Program } from '../../src/harness/programs/program.ts';

export const RIVALS = fileURLToPath(new URL('../../rivals/', import.meta.url));

/**
 * Installs the other engines from their own lock file, at first use and when the requested versions change. They are
 * outside the workspace, so building and testing the product does not download them.
 * @throws Error with npm's output.
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
