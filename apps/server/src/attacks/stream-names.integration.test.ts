import { describe, expect, it } from 'vitest';
import { type AttackedServer, startAttackedServer } from '../testing/attacked-server.ts';

const TOKEN = 'a-token-of-the-scraper';
const KEYS = ['--ingest-key', 'open=correct-horse-battery', '--ingest-key', 'hidden=correct-horse-battery'];

const read = async (server: AttackedServer, path: string, headers: Record<string, string> = {}) =>
  (await fetch(server.url + path, { headers })).text();

/** Everything that a stranger can ask without a name. */
async function seen(server: AttackedServer): Promise<string> {
  const pages = await Promise.all(
    [
      '/metrics',
      '/healthz',
      '/api/streams',
      '/nothing',
      '/watch/nothing',
      '/live/nothing/index.m3u8',
    ].flatMap((path) =>
      ['text/html', 'application/json', 'text/plain'].map((accept) => read(server, path, { accept })),
    ),
  );
  return pages.join('\n');
}

describe('an unlisted stream', () => {
  it('is named nowhere, and plays for those who know its name', async () => {
    const server = await startAttackedServer([...KEYS, '--unlisted', 'hidden']);
    await fetch(`${server.url}/ingest/hidden/correct-horse-battery/a.ts`, { method: 'PUT', body: 'x' });
    const text = await seen(server);
    expect(text).toContain('open');
    expect(text).not.toContain('hidden');
    expect((await fetch(`${server.url}/rehearse/hidden`)).status).not.toBe(404);
  });
});

describe('/metrics and the details of /healthz', () => {
  it('need the token if there is one, which shows unlisted streams too', async () => {
    const server = await startAttackedServer([...KEYS, '--unlisted', 'hidden', '--metrics-token', TOKEN]);
    for (const wrong of [undefined, `${TOKEN}x`, '', TOKEN.slice(1)]) {
      const headers: Record<string, string> = wrong === undefined ? {} : { authorization: `Bearer ${wrong}` };
      const answer = await fetch(`${server.url}/metrics`, { headers });
      expect(answer.status).toBe(401);
      expect(await answer.text()).not.toContain('open');
      expect(JSON.parse(await read(server, '/healthz', headers))).toEqual({ ok: true });
    }
    const authorization = `Bearer ${TOKEN}`;
    expect(await read(server, '/metrics', { authorization })).toContain('stream="hidden"');
    expect(await read(server, '/healthz', { authorization })).toContain('"hidden"');
  });

  it('are on their own port only if there is one', async () => {
    const server = await startAttackedServer([...KEYS, '--metrics-port', '0']);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
    expect(await read(server, '/healthz')).toBe('{"ok":true}');
    const own = `http://127.0.0.1:${server.metricsPort}`;
    expect(await (await fetch(`${own}/metrics`)).text()).toContain('stream="hidden"');
    expect(await (await fetch(`${own}/healthz`)).text()).toContain('"hidden"');
    expect((await fetch(`${own}/control/overview`)).status).toBe(404);
  });
});
