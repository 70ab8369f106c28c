import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { IceServer, JoinReply, Policy } from '@freshet/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnCredentials } from '../ice/turn-credentials.ts';
import { joinAsAttacker, startAttackedServer } from '../testing/attacked-server.ts';
import { freeUdpPort } from '../testing/free-port.ts';

const SECRET = 'the-secret-of-both-servers';
/** coturn and its test client come in one package. */
const HAS_COTURN = existsSync('/usr/bin/turnserver') && existsSync('/usr/bin/turnutils_uclient');
const HOUR_MS = 3_600_000;

const BARE = ['-n', '--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--allow-loopback-peers'];

/** coturn on loopback. @param options default: `use-auth-secret` and nothing else. @returns its port */
async function startCoturn(
  options: readonly string[] = [
    ...BARE,
    '--realm',
    'test',
    '--use-auth-secret',
    '--static-auth-secret',
    SECRET,
  ],
): Promise<number> {
  const port = await freeUdpPort();
  const args = [
    ...[
      '--no-cli',
      '--no-tls',
      '--no-dtls',
      '--log-file',
      'stdout',
      '--pidfile',
      '/dev/null',
      '--simple-log',
    ],
    ...['--verbose', '--fingerprint', '--listening-port', String(port), ...options],
  ];
  const coturn = spawn('/usr/bin/turnserver', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => coturn.once('exit', resolve));
  onTestFinished(async () => {
    coturn.kill('SIGKILL');
    await ended;
  });
  await new Promise<void>((resolve) => {
    coturn.stdout.on('data', (text: Buffer) => {
      if (text.toString().includes('UDP listener opened')) resolve();
    });
  });
  return port;
}

/** Whether coturn allocates a relay with these credentials, and relays a message over it. */
function relays(port: number, { username = '', credential = '' }: Partial<IceServer>): Promise<boolean> {
  const args = [
    '-y',
    '-c',
    '-n',
    '1',
    '-m',
    '1',
    '-p',
    String(port),
    '-u',
    username,
    '-w',
    credential,
    '127.0.0.1',
  ];
  return new Promise((resolve) => {
    execFile('/usr/bin/turnutils_uclient', args, { timeout: 20_000 }, (error) => {
      resolve(error === null);
    });
  });
}

/** What coturn's test client says when it asks for a relay to this address: `Forbidden IP`, or that it is connected. */
function relayTo(port: number, login: IceServer | undefined, peer: string): Promise<string> {
  const { username = '', credential = '' } = login ?? {};
  const args = ['-c', '-n', '1', '-m', '1', '-e', peer, '-p', String(port), '-u', username, '-w', credential];
  return new Promise((resolve) => {
    // Connected, it waits for an answer of the peer's.
    execFile(
      '/usr/bin/turnutils_uclient',
      [...args, '127.0.0.1'],
      { timeout: 2000 },
      (_error, stdout, stderr) => {
        resolve(stdout + stderr);
      },
    );
  });
}

const serversOf = (reply: JoinReply) => ('welcome' in reply ? reply.welcome.policy.iceServers : []);
const turnOptions = (port: number) => ['--ice-server', `turn:127.0.0.1:${port}`, '--turn-secret', SECRET];

describe.skipIf(!HAS_COTURN)('with coturn', () => {
  it('a viewer relays with its credentials until they expire', async () => {
    const port = await startCoturn();
    const { url } = await startAttackedServer(turnOptions(port));
    const [server] = serversOf((await joinAsAttacker(url)).reply);
    expect(await relays(port, server ?? {})).toBe(true);
    expect(await relays(port, { ...server, credential: 'guessed' })).toBe(false);
    const later = server?.username?.replace(/^\d+/, (seconds) => String(Number(seconds) + 60));
    expect(await relays(port, { ...server, username: later })).toBe(false);

    const earlier = await startAttackedServer(turnOptions(port), {
      wallClock: () => Date.now() - 2 * HOUR_MS,
    });
    const [expired] = serversOf((await joinAsAttacker(earlier.url)).reply);
    expect(await relays(port, expired ?? {})).toBe(false);
  });

  it('the documented configuration relays to viewers, and not into the network of the TURN server', async () => {
    const docs = await readFile(new URL('../../../../docs/server.md', import.meta.url), 'utf8');
    const [, written = ''] = /```\n(listening-port=3478\n[^`]*)```/.exec(docs) ?? [];
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'freshet-coturn-')), 'turnserver.conf');
    onTestFinished(() => rm(path.dirname(file), { recursive: true }));
    // Its addresses and ports are not those of this machine.
    const conf = written.replace(/^(?:listening-port|external-ip)=.*\n/gm, '').replace('THE-SECRET', SECRET);
    expect(conf).toContain('denied-peer-ip=10.');
    await writeFile(file, conf);
    const port = await startCoturn(['-c', file, '--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1']);
    const turn = new TurnCredentials({ secret: SECRET, ttlMs: HOUR_MS, wallClock: Date.now });
    const [login] = turn.serversFor('a'.repeat(16), [{ urls: 'turn:t' }]);
    for (const peer of [
      '127.0.0.1',
      '10.0.0.1',
      '172.16.0.1',
      '192.168.0.1',
      '100.64.0.1',
      '169.254.169.254',
    ])
      expect(await relayTo(port, login, peer), peer).toContain('Forbidden IP');
    const allowed = await relayTo(port, login, '198.51.100.1');
    expect(allowed).toContain('Total connect time');
    expect(allowed).not.toContain('Forbidden');
  });
});

it('viewers get new credentials before theirs expire', async () => {
  const { url } = await startAttackedServer(turnOptions(3478), {}, { turnTtlMinutes: 0.05 });
  const { socket, reply } = await joinAsAttacker(url);
  const policy = await new Promise<Policy>((resolve) => socket.once('policy', resolve));
  const [[before], [after]] = [serversOf(reply), policy.iceServers];
  expect(after?.username).not.toBe(before?.username);
  expect(after?.urls).toBe('turn:127.0.0.1:3478');
  expect(Number(after?.username?.split(':')[0])).toBeGreaterThan(Number(before?.username?.split(':')[0]));
});

it('nobody gets credentials without joining, nor by joining what is not there', async () => {
  const { url, logged } = await startAttackedServer(turnOptions(3478));
  const paths = [
    '',
    '/api/streams',
    '/healthz',
    '/metrics',
    '/watch/demo',
    '/live/demo/index.m3u8',
    '/embed.js',
  ];
  const texts = await Promise.all(paths.map(async (path) => (await fetch(url + path)).text()));
  const { reply } = await joinAsAttacker(url, { join: { stream: 'other' } });
  for (const text of [...texts, JSON.stringify(reply), ...logged]) {
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('turn:127.0.0.1');
  }
});

it('a password for all is announced as a danger at the start', async () => {
  const { logged } = await startAttackedServer(['--ice-server', 'turn:user:password@127.0.0.1:3478']);
  expect(logged.join('')).toContain('use-auth-secret');
  expect(logged.join('')).not.toContain('user:password');
});
