import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { IceServer, JoinReply, Policy } from '@freshet/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { joinAsAttacker, startAttackedServer } from '../testing/attacked-server.ts';
import { freeUdpPort } from '../testing/free-port.ts';

const SECRET = 'the-secret-of-both-servers';
/** coturn and its test client come in one package. */
const HAS_COTURN = existsSync('/usr/bin/turnserver') && existsSync('/usr/bin/turnutils_uclient');
const HOUR_MS = 3_600_000;

/** coturn with `use-auth-secret` on loopback. @returns its port */
async function startCoturn(): Promise<number> {
  const port = await freeUdpPort();
  const args = [
    ...[
      '-n',
      '--no-cli',
      '--no-tls',
      '--no-dtls',
      '--log-file',
      'stdout',
      '--pidfile',
      '/dev/null',
      '--simple-log',
    ],
    ...['--verbose', '--fingerprint', '--allow-loopback-peers', '--listening-ip', '127.0.0.1'],
    ...['--relay-ip', '127.0.0.1', '--listening-port', String(port), '--realm', 'test'],
    ...['--use-auth-secret', '--static-auth-secret', SECRET],
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
