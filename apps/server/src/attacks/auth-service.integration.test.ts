import type { Refusal } from '@freshet/protocol';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type AuthQuestion, AuthService } from '../access/auth-service.ts';
import { joinAsAttacker, startAttackedServer } from '../testing/attacked-server.ts';
import { addressesIn } from '../testing/private-stream.ts';

type Behaviour = (question: AuthQuestion) => number | 'silence' | 'garbage';

/** The operator's service, as the test wants it to behave. */
async function startService() {
  const asked: AuthQuestion[] = [];
  const service = { url: '', asked, most: 0, behave: ((): number => 200) as Behaviour };
  let open = 0;
  const server = createServer((request, response) => {
    service.most = Math.max(service.most, ++open);
    response.once('close', () => open--);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const question = JSON.parse(Buffer.concat(chunks).toString()) as AuthQuestion;
      asked.push(question);
      const how = service.behave(question);
      if (how === 'garbage') request.socket.end('rubbish\r\n\r\n');
      else if (how !== 'silence') response.writeHead(how, { location: 'http://127.0.0.1:9/' }).end('x');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth`;
  return service;
}

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers });
  return { status: response.status, text: await response.text() };
}

test('the service decides who watches and shares, in the form of MediaMTX', async () => {
  const service = await startService();
  service.behave = ({ token, user }) => (token === 'good' || user === 'anna' ? 204 : 401);
  const { url } = await startAttackedServer(['--auth-url', service.url]);
  const list = `${url}/live/demo/index.m3u8`;
  expect(await get(list)).toEqual({ status: 401, text: 'This stream is private: a token is required.\n' });
  expect(await get(`${list}?token=bad`)).toEqual({
    status: 403,
    text: 'The access service does not permit this.\n',
  });
  const basic = { authorization: `Basic ${Buffer.from('anna:secret').toString('base64')}` };
  expect((await get(list, basic)).status).toBe(200);
  const { text } = await get(`${list}?token=good&_HLS_msn=1`);
  const [playlist = ''] = addressesIn(text, list);
  expect(new URL(playlist).search).toBe('?token=good');
  expect(service.asked).toContainEqual({
    ...{ user: 'anna', password: 'secret', token: '', ip: '127.0.0.1', action: 'read', path: 'demo' },
    ...{ protocol: 'hls', id: '', query: '' },
  });
  await expect.poll(async () => addressesIn((await get(playlist)).text, playlist).length).toBeGreaterThan(0);
  const [segment = ''] = addressesIn((await get(playlist)).text, playlist);
  expect((await get(segment)).status).toBe(200);
  expect((await get(segment.replace(/ticket=[^&]+/, 'ticket=x'))).status).toBe(401);
  expect((await joinAsAttacker(url)).reply).toMatchObject({ refusal: { code: 'denied' } });
  expect((await joinAsAttacker(url, { join: { token: 'good' } })).reply).toHaveProperty('welcome');
  expect(service.asked.at(-1)).toMatchObject({ token: 'good', protocol: 'webrtc', action: 'read' });
});

test.each<['silence' | 'garbage' | number]>([['silence'], ['garbage'], [500], [302], [429]])(
  'while the service answers with %s, new viewers are refused and those who watch go on',
  async (how) => {
    let now = 0;
    const service = await startService();
    const { url } = await startAttackedServer(['--auth-url', service.url], {
      now: () => performance.now() + now,
    });
    const list = `${url}/live/demo/index.m3u8`;
    expect((await get(`${list}?token=old`)).status).toBe(200);
    service.behave = () => how;
    for (let round = 0; round < 4; round++) {
      now += 15_000;
      const startedAt = performance.now();
      expect((await get(`${list}?token=old`)).status).toBe(200);
      // Nobody who watches waits for the service.
      expect(performance.now() - startedAt).toBeLessThan(1000);
    }
    const { status, text } = await get(`${list}?token=new`);
    expect(status).toBe(503);
    expect(text).toContain('does not respond');
    // Who has stopped watching is new again.
    now += 61_000;
    for (let i = 0; i < 2; i++) expect((await get(`${list}?token=old`)).status).toBe(503);
  },
  20_000,
);

test('a no takes effect within the time for which an answer holds, also in the swarm', async () => {
  const service = await startService();
  const { url } = await startAttackedServer(['--auth-url', service.url]);
  const { socket } = await joinAsAttacker(url, { join: { token: 'a' } });
  const refused = new Promise<Refusal>((resolve) => socket.once('refused', resolve));
  service.behave = () => 403;
  expect(await refused).toMatchObject({ code: 'denied' });
}, 30_000);

test('a crowd is asked about with few questions at a time, and each viewer once', async () => {
  const service = await startService();
  const { url } = await startAttackedServer(['--auth-url', service.url]);
  const list = `${url}/live/demo/index.m3u8`;
  const crowd = Array.from({ length: 300 }, (_, i) => get(`${list}?token=${i % 150}`));
  expect(new Set((await Promise.all(crowd)).map(({ status }) => status))).toEqual(new Set([200]));
  expect(service.asked).toHaveLength(150);
  expect(service.most).toBeLessThanOrEqual(40);
});

test('the service decides about pushes with the right key, and about sign-ins', async () => {
  const service = await startService();
  service.behave = ({ action, token }) => (action === 'console' && token === 'operator' ? 200 : 403);
  const { url } = await startAttackedServer([
    ...[
      '--auth-url',
      service.url,
      '--ingest-key',
      'cam=a-key-of-the-test',
      '--admin-token',
      'sixteen-characters',
    ],
  ]);
  const put = (key: string) =>
    fetch(`${url}/ingest/cam/${key}/index.m3u8`, { method: 'PUT', body: '#EXTM3U\n' });
  expect((await put('a-wrong-key-of-it')).status).toBe(403);
  expect(service.asked).toHaveLength(0);
  expect((await put('a-key-of-the-test')).status).toBe(403);
  expect(service.asked).toMatchObject([{ action: 'publish', path: 'cam', password: 'a-key-of-the-test' }]);
  const signIn = async (token: string) =>
    (
      await fetch(`${url}/control/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      })
    ).status;
  expect(await signIn('sixteen-characters')).toBe(204);
  expect(await signIn('operator')).toBe(204);
  expect(await signIn('stranger')).toBe(401);
});

test('strangers with thousands of tokens do not push out those who watch', async () => {
  const service = await startService();
  const auth = new AuthService(
    service.url,
    () => performance.now(),
    () => undefined,
  );
  const question = (token: string): AuthQuestion => ({
    ...{ user: '', password: '', token, ip: '127.0.0.1', action: 'read', path: 'demo' },
    ...{ protocol: 'hls', id: '', query: '' },
  });
  expect(await auth.ask(question('good'))).toBe('yes');
  service.behave = () => 'silence';
  const strangers = Array.from({ length: 25_000 }, (_, i) => auth.ask(question(`guess ${i}`)));
  expect(await auth.ask(question('good'))).toBe('yes');
  expect(new Set(await Promise.all(strangers))).toEqual(new Set(['away']));
}, 30_000);
