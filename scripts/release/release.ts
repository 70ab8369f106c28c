/**
 * `npm run release -- patch|minor|major|1.2.3 [--write]`: releases one version of all packages. Without `--write` it
 * only prints the steps. With it, it sets the versions, dates the changelogs, packs the two packages, commits and tags.
 * It neither pushes nor publishes; it prints the commands for that at the end.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { releaseChangelog, unreleasedChanges } from './changelog.ts';
import { nextVersion } from './next-version.ts';
import { obstacle, RELEASE_BRANCH, tagOf } from './obstacle.ts';
import { setVersion } from './set-version.ts';

const USAGE = 'Usage: npm run release -- patch|minor|major|1.2.3 [--write]';
const CHANGELOG = 'CHANGELOG.md';
/** Packed with their packages; each lists the changes of its package. */
const PACKAGE_CHANGELOGS = ['packages/client/CHANGELOG.md', 'apps/viewer/npm/CHANGELOG.md'];
/** Their tarballs, with the folder into which the pack script writes them. */
const PACKED = [
  { script: 'pack:client', folder: 'packages/client/dist', name: 'freshet-client' },
  { script: 'pack:player', folder: 'apps/viewer/npm', name: 'freshet-player' },
];

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' });
const npm = (...args: readonly string[]) =>
  execFileSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

const args = process.argv.slice(2);
const writes = args.includes('--write');
const steps = args.filter((arg) => arg !== '--write');
const [step = ''] = steps;
if (steps.length !== 1) fail(USAGE);

const { version: current } = JSON.parse(read('package.json')) as { version: string };
const version =
  nextVersion(current, step) ??
  fail(`"${step}" is neither a step nor a version from ${current} on. ${USAGE}`);
const changes = unreleasedChanges(read(CHANGELOG));
const refusal = obstacle(
  {
    branch: git('branch', '--show-current').trim(),
    changedFiles: linesOf(git('status', '--porcelain')).map((line) => line.slice(3)),
    tags: linesOf(git('tag')),
    unreleasedChanges: changes,
  },
  version,
);
// A dry run works in any state and reports the obstacle.
if (refusal !== undefined && writes) fail(refusal);

const date = new Date().toISOString().slice(0, 10);
const edits = [
  ...linesOf(git('ls-files', '*package.json', '*package-lock.json')).map((file) => ({
    file,
    text: setVersion(read(file), version),
  })),
  ...[CHANGELOG, ...PACKAGE_CHANGELOGS].map((file) => ({
    file,
    text: releaseChangelog(read(file), version, date),
  })),
].filter(({ file, text }) => text !== read(file));
const tarballs = PACKED.map(({ folder, name }) => `${folder}/${name}-${version}.tgz`);

console.log(`${current} -> ${version}, tag ${tagOf(version)}\n\n${changes ?? '(no changes)'}\n`);
console.log(`Files:\n${edits.map(({ file }) => `  ${file}`).join('\n')}\n`);
console.log(`Packages:\n${tarballs.map((file) => `  ${file}`).join('\n')}\n`);

if (!writes) {
  if (refusal !== undefined) console.log(`Not possible now. ${refusal}`);
  console.log('This was a dry run: add --write to change, pack, commit and tag.');
} else {
  const files = edits.map(({ file }) => file);
  for (const { file, text } of edits) writeFileSync(path.join(root, file), text);
  try {
    for (const { script } of PACKED) npm('run', '--silent', script);
  } catch {
    git('checkout', '--', ...files);
    fail('Packing failed, as above; nothing was released and the files are as before.');
  }
  git('add', '--', ...files);
  git('commit', '--message', `release: ${version}`);
  git('tag', '--annotate', tagOf(version), '--message', `Freshet ${version}`);
  console.log(`\nReleased here. When it is right:\n  git push --follow-tags origin ${RELEASE_BRANCH}`);
  for (const file of tarballs) console.log(`  npm publish --access public ./${file}`);
}
