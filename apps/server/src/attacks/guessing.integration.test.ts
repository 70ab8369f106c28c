import { describe, expect, it } from 'vitest';
import { type AttackedServer, startAttackedServer } from '../testing/attacked-server.ts';

const KEY = 'correct-horse-battery';
const TOKEN = 'an-admin-token-of-the-operator';

function put(server: AttackedServer, path: string, forwarded?: string) {
  return fetch(`${server.url}/ingest/${path}`, {
    method: 'PUT',
    body: '#EXTM3U',
    ...(forwarded !== undefined && { headers: { 'x-forwarded-for': forwarded } }),
  }).then(({ status }) => status);
}

function signIn(server: AttackedServer, token: string, headers: Record<string, string> = {}) {
  return fetch(`${server.url}/control/session`, {
    method: 'POST',
    body: JSON.stringify({ token }),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

describe('guesses of an ingest key', () => {
  it('never lock the encoder out, even from its own address', async () => {
    const server = await startAttackedServer(['--ingest-key', `tv=${KEY}`]);
    const answers = new Set<number>();
    for (let i = 0; i < 40; i++) answers.add(await put(server, `tv/wrong-key-${i}/a.m3u8`));
    expect([...answers]).toEqual([403, 429]);
    expect(await put(server, `tv/${KEY}/a.m3u8`)).toBe(201);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/freshet_refused_uploads_total\{reason="attempts"\} [1-9]/);
  });

  it('are limited whatever X-Forwarded-For says', async () => {
    const server = await startAttackedServer(['--ingest-key', `tv=${KEY}`]);
    let last = 0;
    for (let i = 0; i < 12; i++) last = await put(server, 'tv/wrong/a.m3u8', `198.51.${i}.1`);
    expect(last).toBe(429);
    const warnings = server.logged.filter((line) => line.includes('--trust-proxy'));
    expect(warnings.length).toBe(1);
  });

  it('are limited by network behind a proxy, and elsewhere not', async () => {
    const server = await startAttackedServer(['--ingest-key', `tv=${KEY}`, '--trust-proxy', '127.0.0.0/8']);
    let last = 0;
    for (let i = 0; i < 12; i++) last = await put(server, 'tv/wrong/a.m3u8', `6.6.6.6, 203.0.113.${i}`);
    expect(last).toBe(429);
    expect(await put(server, 'tv/wrong/a.m3u8', '198.51.100.1')).toBe(403);
    expect(server.logged.filter((line) => line.includes('--trust-proxy'))).toEqual([]);
  });
});

describe('guesses of the admin token', () => {
  it('are not looked at beyond the limit, and leave sessions and other networks alone', async () => {
    const server = await startAttackedServer(['--admin-token', TOKEN, '--trust-proxy', '1']);
    const opened = await signIn(server, TOKEN, { 'x-forwarded-for': '203.0.113.1' });
    expect(opened.status).toBe(204);
    const cookie = opened.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    for (let i = 0; i < 10; i++)
      expect((await signIn(server, `wrong-${i}`, { 'x-forwarded-for': `203.0.113.${i}` })).status).toBe(401);
    expect((await signIn(server, TOKEN, { 'x-forwarded-for': '203.0.113.9' })).status).toBe(429);
    const session = await fetch(`${server.url}/control/overview`, {
      headers: { cookie, 'x-forwarded-for': '203.0.113.9' },
    });
    expect(session.status).toBe(200);
    expect((await signIn(server, TOKEN, { 'x-forwarded-for': '198.51.100.1' })).status).toBe(204);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('freshet_refused_logins_total{reason="attempts"} 1');
    expect(metrics).toContain('freshet_refused_logins_total{reason="token"} 10');
  });

  it('from everywhere do not lock out a network that knows the token', async () => {
    const server = await startAttackedServer(['--admin-token', TOKEN, '--trust-proxy', '1']);
    const from = (address: string) => ({ 'x-forwarded-for': address });
    expect((await signIn(server, TOKEN, from('192.0.2.1'))).status).toBe(204);
    for (let i = 0; i < 101; i++) await signIn(server, 'wrong', from(`10.0.${i}.1`));
    expect((await signIn(server, TOKEN, from('198.51.100.1'))).status).toBe(429);
    expect((await signIn(server, TOKEN, from('192.0.2.7'))).status).toBe(204);
  });
});

describe('the session cookie', () => {
  it('is bound to the host over TLS, and a plain one is not accepted there', async () => {
    const server = await startAttackedServer(['--admin-token', TOKEN, '--public-url', 'https://tv.example']);
    const opened = await signIn(server, TOKEN);
    const cookie = opened.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^__Host-freshet-console=[\w-]{43}; .*Path=\/; .*Secure/);
    const isSignedIn = async (jar: string) => {
      const answer = await fetch(`${server.url}/control/session`, { headers: { cookie: jar } });
      return ((await answer.json()) as { signedIn: boolean }).signedIn;
    };
    const [own = ''] = cookie.split(';', 1);
    expect(await isSignedIn(own)).toBe(true);
    expect(await isSignedIn(own.replace('__Host-', ''))).toBe(false);
  });
});
