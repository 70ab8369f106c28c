import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer as createNetServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
/** The program compiles as it starts, on a machine that runs other tests at the same time. */
const TIMEOUT = 60_000;

interface Running {
  readonly child: ChildProcess;
  /** Standard output so far; `log`: standard error so far. */
  readonly out: () => string;
  readonly log: () => string;
  readonly exit: Promise<number | null>;
  /** Resolves when standard output holds a match. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts the real program from its sources. */
function start(args: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=@freshet/source', MAIN, '--host', '127.0.0.1', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  let [out, log] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const printed = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(out);
      if (match !== null) return match;
      const ended = await Promise.race([once(child.stdout, 'data').then(() => false), exit.then(() => true)]);
      if (ended) throw new Error(`it ended without printing ${pattern}: ${out}${log}`);
    }
  };
  return { child, out: () => out, log: () => log, exit, printed };
}

async function startDemo(...args: string[]) {
  const running = start(['--port', '0', ...args]);
  const [, port = ''] = await running.printed(/watch +http:\/\/127\.0\.0\.1:(\d+)\/watch\/demo/);
  return { ...running, url: `http://127.0.0.1:${port}` };
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** Requests more than the network can buffer, and then reads nothing. */
async function stalledDownloads(root: string): Promise<void> {
  const rendition = (await text(`${root}/live/demo/index.m3u8`)).trim().split('\n').at(-1) ?? '';
  const playlist = new URL(`${root}/live/demo/${rendition}`);
  const segment = new URL((await text(playlist.href)).trim().split('\n').at(-1) ?? '', playlist);
  const socket = connect(Number(segment.port), segment.hostname);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  socket.write(`GET ${segment.pathname}${segment.search} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(200));
  await once(socket, 'readable');
}

async function logged(running: Running, words: string): Promise<void> {
  await expect.poll(running.log, { timeout: 10_000 }).toContain(words);
}

describe('the program', { timeout: TIMEOUT }, () => {
  it('prints its addresses, serves the demo, and exits with 0 on SIGTERM', async () => {
    const server = await startDemo();
    expect(server.out()).toContain(`HLS    ${server.url}/live/demo/index.m3u8`);
    expect(server.out()).toContain(`<script src="${server.url}/embed.js" data-stream="demo"></script>`);
    expect(server.out()).toContain('only viewers on the same network can share');
    expect(await text(`${server.url}/live/demo/index.m3u8`)).toContain('#EXT-X-STREAM-INF');
    expect(await text(`${server.url}/metrics`)).toContain(
      'freshet_source_state{stream="demo",state="live"} 1',
    );
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(server.log()).toContain('"msg":"stopped"');
  });

  it('cuts transfers that outlast the drain time', async () => {
    const server = await startDemo('--drain-seconds', '0');
    await stalledDownloads(server.url);
    server.child.kill('SIGINT');
    expect(await server.exit).toBe(0);
    expect(server.log()).toMatch(/"cut":[1-9]/);
  });

  it('exits at once on a second signal, but not on the echo of the first', async () => {
    const server = await startDemo('--drain-seconds', '60');
    await stalledDownloads(server.url);
    server.child.kill('SIGINT');
    server.child.kill('SIGINT');
    await logged(server, '"msg":"stopping');
    expect(server.child.exitCode).toBeNull();
    const again = setInterval(() => server.child.kill('SIGINT'), 100);
    onTestFinished(() => {
      clearInterval(again);
    });
    expect(await server.exit).toBe(1);
    expect(server.log()).toContain('second signal: exiting immediately');
  });

  it('reports a port that is in use', async () => {
    const blocker = createNetServer().listen(0, '127.0.0.1');
    onTestFinished(() => void blocker.close());
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const server = start(['--port', String(port)]);
    expect(await server.exit).toBe(1);
    expect(server.log()).toBe(
      `freshet: Port ${port} is in use. Stop the program that uses it, or choose another port with --port\n`,
    );
  });

  it('reports an invalid setting in one line and exits with 2', async () => {
    const server = start([], { FRESHET_BUFFER_SECONDS: 'long' });
    expect(await server.exit).toBe(2);
    expect(server.log()).toBe(
      'freshet: FRESHET_BUFFER_SECONDS: "long" is not a whole number from 4 to 3600\n',
    );
  });

  it('reports an unusable certificate', async () => {
    const server = start(['--tls-cert', MAIN, '--tls-key', MAIN]);
    expect(await server.exit).toBe(2);
    expect(server.log()).toContain('Provide a PEM certificate chain and its private key');
  });

  it('prints its help on standard output', async () => {
    const server = start(['--help']);
    expect(await server.exit).toBe(0);
    expect(server.out()).toContain('--buffer-seconds <seconds>');
    expect(server.log()).toBe('');
  });
});
