import { SIGNALLING_PATH } from '@freshet/protocol';
import { io } from 'socket.io-client';
import { expect, onTestFinished, test } from 'vitest';
import { startAttackedServer } from '../testing/attacked-server.ts';
import { PRIVATE, sign } from '../testing/private-stream.ts';

const TV = 'https://tv.example.org';
const EVIL = 'https://evil.example';

/** Whether a page of this site gets a connection to the tracker. */
async function connects(url: string, origin: string, transport: string): Promise<boolean> {
  const socket = io(url, {
    path: SIGNALLING_PATH,
    transports: [transport],
    reconnection: false,
    forceNew: true,
    extraHeaders: { origin },
  });
  onTestFinished(() => {
    socket.disconnect();
  });
  return new Promise((resolve) => {
    socket.once('connect', () => {
      resolve(true);
    });
    socket.once('connect_error', () => {
      resolve(false);
    });
  });
}

test('a page of a site that is not allowed gets no media, no swarm and no frame', async () => {
  const { url } = await startAttackedServer(['--allow-origin', TV]);
  const list = `${url}/live/demo/index.m3u8`;
  const [evil, tv, own] = await Promise.all(
    [EVIL, TV, url].map((origin) => fetch(list, { headers: { origin } })),
  );
  expect(evil?.status).toBe(403);
  expect(await evil?.text()).toBe('Pages of this site may not play the streams of this server.\n');
  expect([tv?.status, own?.status]).toEqual([200, 200]);
  expect(tv?.headers.get('access-control-allow-origin')).toBe(TV);
  expect(tv?.headers.get('vary')).toContain('Origin');
  const preflight = await fetch(list, { method: 'OPTIONS', headers: { origin: EVIL } });
  expect(preflight.status).toBe(403);
  for (const transport of ['websocket', 'polling']) {
    expect(await connects(url, EVIL, transport), transport).toBe(false);
    expect(await connects(url, TV, transport), transport).toBe(true);
    expect(await connects(url, url, transport), transport).toBe(true);
  }
  const page = await fetch(`${url}/watch/demo`);
  expect(page.headers.get('content-security-policy')).toContain(`frame-ancestors 'self' ${TV}`);
});

test('by default pages of all sites play', async () => {
  const { url } = await startAttackedServer();
  const answer = await fetch(`${url}/live/demo/index.m3u8`, { headers: { origin: EVIL } });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(await connects(url, EVIL, 'websocket')).toBe(true);
});

test('a token for one site is of no use to another, nor to a request that names none', async () => {
  const { url } = await startAttackedServer(PRIVATE);
  const list = `${url}/live/demo/index.m3u8?token=${await sign({ origin: TV })}`;
  const status = async (headers: Record<string, string>) => (await fetch(list, { headers })).status;
  expect(await status({ origin: TV })).toBe(200);
  expect(await status({ origin: EVIL })).toBe(403);
  expect(await status({})).toBe(403);
  const own = `${url}/live/demo/index.m3u8?token=${await sign({ origin: url })}`;
  expect((await fetch(own, { headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(200);
  expect((await fetch(own, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
});
