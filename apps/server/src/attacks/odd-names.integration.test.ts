import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startAttackedServer } from '../testing/attacked-server.ts';

const TOKEN = 'an-admin-token-of-the-operator';

it.each(['constructor', 'prototype', 'toString', 'hasOwnProperty'])(
  'a stream named %s keeps its settings across a restart',
  async (name) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'freshet-names-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const start = async () => {
      const server = await startAttackedServer(['--admin-token', TOKEN, '--data-dir', folder]);
      const call = async (method: string, where: string, body?: object) => {
        const answer = await fetch(`${server.url}/control${where}`, {
          method,
          headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        return (await answer.json()) as { sharing?: { mode: string }; url?: string; error?: string };
      };
      return { server, call };
    };
    const first = await start();
    expect((await first.call('GET', `/streams/${name}`)).error).toBeDefined();
    await first.call('POST', '/streams', { name, url: 'http://127.0.0.1:9/live.m3u8' });
    await first.call('PUT', `/streams/${name}/sharing`, { mode: 'off' });
    await first.server.close();
    const again = await start();
    expect(await again.call('GET', `/streams/${name}`)).toMatchObject({
      sharing: { mode: 'off' },
      url: 'http://127.0.0.1:9/live.m3u8',
    });
    expect((await (await fetch(`${again.server.url}/api/streams`)).text()).includes(name)).toBe(true);
  },
);
