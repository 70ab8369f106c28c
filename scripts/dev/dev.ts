/**
 * `npm run dev`: the server from its sources, with its pages. When a source file changes, it restarts the server,
 * builds the pages that contain the file, and reloads open ones. Options go to the server: `npm run dev -- --port
 * 9000`.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DevServer } from './dev-server.ts';
import { buildPage, type Page, PAGES, reloadPages } from './dev-pages.ts';
import { watchFolders } from './watch-folders.ts';
import { foldersOf, readWorkspaces } from './workspaces.ts';

/** Editors write several files at once, and some write a file in steps. */
const SETTLE_MS = 60;
const SERVER = 'apps/server';

const root = fileURLToPath(new URL('../../', import.meta.url));
const workspaces = readWorkspaces(root);
const server = new DevServer(root, process.argv.slice(2));

let ending = false;
async function end(code: number): Promise<never> {
  ending = true;
  await server.stop();
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));
// npm sends SIGTERM to the shell between npm and this process. The shell ends without passing the signal on, so the
// loss of that parent serves as the signal.
const parent = process.ppid;
if (process.platform !== 'win32')
  setInterval(() => {
    if (process.ppid !== parent) void end(0);
  }, 500).unref();

/** Restarts the server and builds the pages that contain the changed files; without files, builds every page. */
async function update(changed?: ReadonlySet<string>): Promise<void> {
  const isAffected = (folder: string) => {
    const folders = foldersOf(workspaces, folder);
    return changed === undefined || [...changed].some((file) => folders.has(workspaceOf(file)));
  };
  const startedAt = performance.now();
  const restarts = changed !== undefined && isAffected(SERVER);
  const restarted = restarts ? server.restart() : undefined;
  for (const page of PAGES) {
    const builds = isAffected(page.folder);
    if (builds && !(await built(page, changed === undefined))) continue;
    if (!page.reloads || !(builds || restarts) || typeof (await restarted) === 'number') continue;
    reloadPages(root, page.folder);
    if (changed !== undefined)
      report(`${page.mode} reloads after ${seconds(performance.now() - startedAt)} s (${summary(changed)})`);
  }
  if (typeof (await restarted) === 'number')
    report('The server did not start; it is tried again after the next change.');
}

async function built(page: Page, isFirst: boolean): Promise<boolean> {
  try {
    await buildPage(root, page, isFirst);
    return true;
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    return false;
  }
}

function workspaceOf(file: string): string {
  return file.split('/', 2).join('/');
}

function summary(changed: ReadonlySet<string>): string {
  const [first = '', ...others] = changed;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function report(line: string): void {
  if (!ending) process.stderr.write(`dev: ${line}\n`);
}

let changes = new Set<string>();
let isUpdating = false;
async function updateAll(): Promise<void> {
  if (isUpdating) return;
  isUpdating = true;
  while (changes.size > 0) {
    const changed = changes;
    changes = new Set();
    await update(changed);
  }
  isUpdating = false;
}

// Makes `npm start` build its own pages instead of using those of this loop.
rmSync(path.join(root, 'node_modules/.cache/freshet/start.json'), { force: true });

// The server starts first, because it may refuse: the port is taken, or an option is wrong.
const started = await server.restart();
if (typeof started === 'number') process.exit(started);

let settling: NodeJS.Timeout | undefined;
watchFolders(root, ['packages', 'apps'], (file) => {
  changes.add(file);
  clearTimeout(settling);
  settling = setTimeout(() => void updateAll(), SETTLE_MS);
});
isUpdating = true;
await update();
isUpdating = false;
process.stdout.write(started.greeting);
await updateAll();
