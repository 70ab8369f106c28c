import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { apiReport, lintTarball, typeProblems } from '@freshet/client/package-checks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FreshetPlayer } from './freshet-player.ts';

const run = promisify(execFile);
const home = fileURLToPath(new URL('../..', import.meta.url));
const root = join(home, '../..');

/** A project outside the workspace, with our two packages and their dependencies. */
let consumer: string;
let installed: string;
let tarball: Uint8Array;

beforeAll(async () => {
  consumer = await mkdtemp(join(tmpdir(), 'freshet-player-consumer-'));
  const modules = join(consumer, 'node_modules');
  await mkdir(join(modules, '@freshet'), { recursive: true });
  await run(process.execPath, [
    join(root, 'packages/client/scripts/pack.mjs'),
    join(modules, '@freshet/client'),
  ]);
  const packed = join(consumer, 'packed');
  await run(process.execPath, [join(home, 'scripts/pack-player.mjs'), packed]);
  const { stdout } = await run('npm', ['pack', packed, '--json', '--pack-destination', consumer]);
  const [{ filename } = { filename: '' }] = JSON.parse(stdout) as { filename: string }[];
  tarball = await readFile(join(consumer, filename));
  installed = join(modules, '@freshet/player');
  await mkdir(installed);
  await run('tar', ['-xzf', join(consumer, filename), '-C', installed, '--strip-components=1']);
  for (const name of ['hls.js', 'media-chrome']) {
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
}, 120_000);
afterAll(async () => {
  await rm(consumer, { recursive: true, force: true });
});

test('publint and "are the types wrong" find no problem', async () => {
  expect(await lintTarball(tarball)).toEqual([]);
  expect(await typeProblems(tarball)).toEqual([]);
}, 60_000);

test('the API is as in api-report.md (vitest -u writes it)', async () => {
  const dist = join(installed, 'dist');
  const files = (await readdir(dist)).filter((file) => file.endsWith('.d.ts')).sort();
  const report = await apiReport(dist, '@freshet/player', files);
  await expect(report).toMatchFileSnapshot(join(home, 'npm/api-report.md'));
});

test('CHANGELOG.md has an entry for the packed version', async () => {
  const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(await readFile(join(installed, 'CHANGELOG.md'), 'utf8')).toMatch(new RegExp(`^## ${version}`, 'm'));
});

test('the npm README and the types list every attribute, and the README every event', async () => {
  const page = await readFile(join(installed, 'README.md'), 'utf8');
  const attributes = await readFile(join(installed, 'dist/attributes.d.ts'), 'utf8');
  for (const name of FreshetPlayer.observedAttributes) {
    expect(page).toMatch(new RegExp(`^\\| \`${name}\` `, 'm'));
    expect(attributes).toMatch(new RegExp(`readonly ${name}\\?:|readonly '${name}'\\?:`));
  }
  const element = await readFile(join(installed, 'dist/freshet-player.d.ts'), 'utf8');
  const events = /interface FreshetPlayerEvents \{(.*?)\n\}/s.exec(element)?.[1] ?? '';
  const names = [...events.matchAll(/^ {4}(\w+): CustomEvent/gm)].map(([, name]) => name);
  expect(names).toContain('statistics');
  for (const name of names) expect(page).toMatch(new RegExp(`^\\| \`${name ?? ''}\` `, 'm'));
});

test('importing the package outside a page, as in server-side rendering, does not fail', async () => {
  const script = `await Promise.all(['', '/react', '/vue'].map((entry) => import('@freshet/player' + entry)));`;
  await expect(
    run(process.execPath, ['--input-type=module', '--eval', script], { cwd: consumer }),
  ).resolves.toMatchObject({ stderr: '' });
}, 60_000);
