/**
 * `npm start`: builds what the server needs if anything has changed since the last build, then runs the server in this
 * same process, so that signals and flags reach it unchanged. `npm run build` always builds everything.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const inRoot = (/** @type {string} */ name) => path.join(root, name);

const INPUTS = ['packages', 'apps', 'vite.config.ts', 'tsconfig.base.json', 'package-lock.json'];
const OUTPUTS = [
  'apps/server/dist/main.js',
  'apps/viewer/dist/embed.js',
  'apps/viewer/dist/index.html',
  'apps/console/dist/index.html',
];
const STAMP = inRoot('node_modules/.cache/freshet/start.json');
const IGNORED = /^(dist|node_modules|coverage|results|.*\.test\.ts|.*\.tsbuildinfo)$/;

/** Every input file with its modification time and size. Any added, removed or changed file changes the text. */
function fingerprint() {
  /** @type {string[]} */
  const found = [];
  const walk = (/** @type {string} */ name) => {
    const file = statSync(inRoot(name));
    if (!file.isDirectory()) found.push(`${name} ${file.mtimeMs} ${file.size}`);
    else for (const entry of readdirSync(inRoot(name))) if (!IGNORED.test(entry)) walk(`${name}/${entry}`);
  };
  for (const name of INPUTS) if (existsSync(inRoot(name))) walk(name);
  return JSON.stringify(found.sort());
}

function isBuilt() {
  if (!OUTPUTS.every((output) => existsSync(inRoot(output)))) return false;
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint();
}

/** Runs a tool of the project quietly: its output appears only when it fails. */
async function run(/** @type {string} */ script, /** @type {string[]} */ args) {
  const child = spawn(process.execPath, [inRoot(`node_modules/${script}`), ...args], { cwd: root });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(output.trim());
}

async function build() {
  const before = fingerprint();
  process.stderr.write('Building the server and its pages (only after changes) …\n');
  const pages = async () => {
    // The first build empties the output folder, so they cannot run in parallel.
    for (const mode of ['watch', 'embed', 'console'])
      await run('vite/bin/vite.js', ['build', '--mode', mode]);
  };
  await Promise.all([run('typescript/bin/tsc', ['-b', 'apps/server/tsconfig.src.json']), pages()]);
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, before);
}

const canBuild = existsSync(inRoot('node_modules/typescript')) && existsSync(inRoot('node_modules/vite'));
if (!isBuilt() && (canBuild || !existsSync(inRoot(OUTPUTS[0])))) {
  try {
    await build();
  } catch (error) {
    process.stderr.write(`${error.message}\nThe build failed. Run "npm ci", then "npm start" again.\n`);
    process.exit(1);
  }
}

// npm sends SIGTERM only to the shell between npm and this process, which exits without passing it on. Treat the loss
// of that parent as SIGTERM.
const parent = process.ppid;
if (process.env.npm_lifecycle_event === 'start' && process.platform !== 'win32') {
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}
await import('../dist/main.js');
