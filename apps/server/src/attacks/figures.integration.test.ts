import { expect, test } from 'vitest';
import { AttackedSwarm } from '../testing/attacked-swarm.ts';

const TOKEN = 'a-token-of-enough-characters';

interface Figures {
  readonly saved: number;
  readonly peerBytes: number;
  readonly offload: number;
}

async function api(swarm: AttackedSwarm, path: string, init: RequestInit = {}): Promise<unknown> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const response = await fetch(new URL(`control/${path}`, swarm.server.url), { headers, ...init });
  expect(response.status).toBeLessThan(300);
  return response.status === 204 ? undefined : response.json();
}

async function figures(swarm: AttackedSwarm): Promise<Figures> {
  return (await api(swarm, 'streams/demo')) as Figures;
}

test('reports that no other viewer confirms save nothing, and change the figures of no other', async () => {
  const swarm = await AttackedSwarm.start('--trust-proxy', '1', '--admin-token', TOKEN);
  await api(swarm, 'money', {
    method: 'PUT',
    body: JSON.stringify({ costPerGb: 1000, currency: 'EUR' }),
  });
  await expect
    .poll(() => swarm.metric('freshet_buffer_bytes{stream="demo"}'), { timeout: 20_000 })
    .toBeGreaterThan(0);
  const [taker, giver] = [await swarm.join('20.0.0.1'), await swarm.join('20.1.0.1')];
  await swarm.link(taker, giver);
  swarm.pass(20_000);
  await swarm.report(taker, { neighbours: [giver.peer], peerBytes: 3000 });
  await swarm.report(giver, { neighbours: [taker.peer], uploadedBytes: 2000 });
  expect(await figures(swarm)).toMatchObject({ peerBytes: 2000, saved: 0.002 });

  const liar = await swarm.join('30.0.0.1');
  const neighbours = [liar.peer, taker.peer, giver.peer];
  for (let i = 1; i <= 20; i++) {
    swarm.pass(1000);
    await swarm.report(liar, { neighbours, peerBytes: i * 60e6, uploadedBytes: i * 60e6 });
  }
  expect(await figures(swarm)).toMatchObject({ peerBytes: 2000, saved: 0.002 });
}, 60_000);

test('one viewer reports no more stalls than it had time for', async () => {
  const swarm = await AttackedSwarm.start('--admin-token', TOKEN);
  const liar = await swarm.join();
  swarm.pass(30_000);
  for (let i = 1; i <= 20; i++) await swarm.report(liar, { stalls: i * 900 });
  const { groups } = (await api(swarm, 'streams/demo')) as { groups: { sharing: { stallsPerHour: number } } };
  expect(groups.sharing.stallsPerHour).toBeLessThan(3600 / 4);
}, 30_000);

test('made-up sessions count no stalls, and one session counts one a minute', async () => {
  const swarm = await AttackedSwarm.start();
  const ask = async (session: string) => {
    const cmcd = encodeURIComponent(`bs,sid="${session}",bl=1e300`);
    await (await fetch(new URL(`live/demo/index.m3u8?CMCD=${cmcd}`, swarm.server.url))).arrayBuffer();
  };
  const stalls = () => swarm.metric('freshet_cmcd_total{stream="demo",what="stall"}');
  await ask('known');
  swarm.pass(10_000);
  for (let i = 0; i < 50; i++) await ask(`made-up-${i}`);
  expect(await stalls()).toBe(0);
  for (let i = 0; i < 50; i++) await ask('known');
  expect(await stalls()).toBe(1);
  expect(await swarm.metric('freshet_cmcd_total{stream="demo",what="stall-not-counted"}')).toBe(100);
  expect(await swarm.metric('freshet_cmcd_buffer_seconds_count{stream="demo"}')).toBe(0);
}, 30_000);
