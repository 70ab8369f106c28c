import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Audit } from '@freshet/api';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { type AttackedServer, startAttackedServer } from '../testing/attacked-server.ts';

const TOKEN = 'an-admin-token-of-the-operator';
const authorization = `Bearer ${TOKEN}`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'freshet-audit-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const start = () => startAttackedServer(['--admin-token', TOKEN, '--data-dir', folder]);

function call(
  server: AttackedServer,
  method: string,
  where: string,
  body?: object,
  headers = { authorization },
) {
  return fetch(`${server.url}/control${where}`, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const signIn = (server: AttackedServer, token: string) =>
  call(server, 'POST', '/session', { token }, {} as { authorization: string });

async function audit(server: AttackedServer, query = ''): Promise<Audit> {
  return (await (await call(server, 'GET', `/audit${query}`)).json()) as Audit;
}

it('records sign-ins and changes without secrets, across restarts', async () => {
  const first = await start();
  expect((await signIn(first, TOKEN)).status).toBe(204);
  const secret = 'rtmp://user:hunter2@media.test/live/stream-key?auth=hunter2';
  await call(first, 'POST', '/streams', { name: 'tv', url: secret });
  await call(first, 'PATCH', '/streams/tv', { url: secret.replaceAll('hunter2', 'hunter3') });
  await call(first, 'PATCH', '/streams/tv', { running: false });
  await call(first, 'PUT', '/streams/tv/sharing', { mode: 'off' });
  await call(first, 'PUT', '/money', { costPerGb: 0.05, currency: 'EUR' });
  await call(first, 'DELETE', '/streams/tv');
  await first.close();

  const file = path.join(folder, 'audit.jsonl');
  const text = await readFile(file, 'utf8');
  expect(text).not.toMatch(/hunter|stream-key/);
  expect(text).not.toContain(TOKEN);
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  const { entries, more } = await audit(await start());
  expect(more).toBe(false);
  expect(entries.map(({ action }) => action)).toEqual([
    ...['remove-stream', 'price', 'sharing', 'edit-stream', 'edit-stream', 'add-stream', 'sign-in'],
  ]);
  const source = 'rtmp://media.test/…';
  expect(entries[5]).toMatchObject({
    stream: 'tv',
    network: '127.0.0.0/24',
    after: { source, running: true },
  });
  expect(entries[4]).toMatchObject({ before: { source }, after: { source } });
  expect(entries[3]).toMatchObject({ before: { running: true }, after: { running: false } });
  expect(entries[2]).toMatchObject({ before: { mode: 'on' }, after: { mode: 'off' } });
  expect(entries[0]).toMatchObject({ stream: 'tv', before: { source, running: false } });
});

it('is not filled by a guesser', async () => {
  const server = await start();
  for (let i = 0; i < 50; i++) await signIn(server, 'wrong');
  await call(server, 'GET', '/overview', undefined, { authorization: 'Bearer wrong' });
  await server.close();
  const lines = (await readFile(path.join(folder, 'audit.jsonl'), 'utf8')).trim().split('\n');
  expect(lines.length).toBe(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ action: 'sign-in-refused' });
});

it('needs the token, shows pages, and keeps a bounded number of files', { timeout: 20_000 }, async () => {
  const server = await start();
  expect((await call(server, 'GET', '/audit', undefined, {} as { authorization: string })).status).toBe(401);
  for (let i = 0; i < 60; i++) await call(server, 'PUT', '/money', { costPerGb: i + 1, currency: 'EUR' });
  const newest = await audit(server);
  expect([newest.entries.length, newest.more]).toEqual([50, true]);
  const older = await audit(server, `?before=${newest.entries.at(-1)?.id}`);
  expect([older.entries.length, older.more]).toEqual([10, false]);
  expect((await call(server, 'GET', '/audit?before=x')).status).toBe(400);
});
