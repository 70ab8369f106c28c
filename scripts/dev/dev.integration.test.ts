import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, utimesSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The loop builds every page once, on a machine that runs other tests as well. */
const TIMEOUT = 120_000;

function startDev(...args: readonly string[]) {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'scripts/dev/dev.ts', '--host', '127.0.0.1', ...args],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await closed;
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output };
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  return child.exitCode ?? (await once(child, 'close'))[0];
}

/** Simulates an editor's save without changing the file. */
function save(file: string): void {
  const { atime, mtime } = statSync(root + file);
  utimesSync(root + file, atime, mtime);
}

it(
  'restarts the server, builds and reloads the pages, and ends everything on Ctrl-C',
  async () => {
    const { child, output } = startDev('--port', '0');
    await vi.waitFor(
      () => {
        expect(output()).toMatch(/watch +http:/);
      },
      { timeout: TIMEOUT, interval: 100 },
    );
    const [, url = ''] = /watch +(http:\S+)\/watch\/demo/.exec(output()) ?? [];
    const get = async (path: string) => (await fetch(url + path)).text();

    for (const page of ['/watch/demo', '/', '/console/']) {
      const scripts = [...(await get(page)).matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, script = '']) =>
        fetch(new URL(script, url + page)).then((response) => response.text()),
      );
      expect((await Promise.all(scripts)).join()).toContain('build-id.txt');
    }

    const updated = async (file: string) => {
      const ids = () => Promise.all(['/assets/build-id.txt', '/console/assets/build-id.txt'].map(get));
      const before = await ids();
      save(file);
      await vi.waitFor(
        () => {
          expect(output()).toMatch(new RegExp(`console reloads after .* s \\(${file}\\)`));
        },
        { timeout: TIMEOUT, interval: 100 },
      );
      return (await ids()).map((id, index) => id !== before[index]);
    };
    expect(await updated('packages/ui/src/page.css')).toEqual([true, true]);
    expect(await updated('apps/console/src/charts/tiles.ts')).toEqual([false, true]);

    const startedAt = async () => /^process_start_time_seconds (\S+)/m.exec(await get('/metrics'))?.[1];
    const before = await startedAt();
    expect(await updated('apps/server/src/http/status.ts')).toEqual([true, true]);
    expect(await startedAt()).not.toBe(before);

    child.kill('SIGINT');
    expect(await exitCode(child)).toBe(0);
    await expect(get('/healthz')).rejects.toThrow('fetch failed');
  },
  TIMEOUT,
);

it(
  'reports in one sentence that the port is taken',
  async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { child, output } = startDev('--port', String(port));
    expect(await exitCode(child)).toBe(1);
    expect(output()).toBe(
      `freshet: Port ${port} is in use. Stop the program that uses it, or choose another port with --port\n`,
    );
  },
  TIMEOUT,
);
