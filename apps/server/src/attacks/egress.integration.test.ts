import { get } from 'node:http';
import { expect, test } from 'vitest';
import { startAttackedServer } from '../testing/attacked-server.ts';
import { counted } from '../testing/counted.ts';
import { segmentAddresses, startRecordingSource } from '../testing/recording-source.ts';

const SEGMENT_BYTES = 250_000;
const ATTACKER = { 'x-forwarded-for': '203.0.113.1' };

/** A server that may send 20 segments in two seconds, with the addresses of its segments, which are in its memory. */
async function limitedServer(segments: number, bytes = SEGMENT_BYTES) {
  const source = await startRecordingSource(segments, bytes);
  const { url } = await startAttackedServer([
    ...['--source', `show=${source.url}`, '--trust-proxy', '1'],
    ...['--egress-limit-mbps', String((bytes * 20 * 4) / 1e6), '--max-viewers', '500'],
  ]);
  const headers = { 'x-forwarded-for': '192.0.2.1' };
  const listed = await segmentAddresses(url, 'show', headers);
  for (const address of listed) await statusOf(address, { ...headers, range: 'bytes=0-0' });
  return { url, listed };
}

const statusOf = async (address: string, headers: Record<string, string>, method = 'GET') => {
  const response = await fetch(address, { headers, method });
  await response.arrayBuffer();
  return response.status;
};

/** Newcomers from networks of their own. @returns how many could begin to watch: playlist, and a segment */
async function newcomers(url: string, address: string, count: number): Promise<number> {
  let served = 0;
  for (let network = 0; network < count; network++) {
    const headers = { 'x-forwarded-for': `198.51.${network}.7` };
    const entry = await statusOf(`${url}/live/show/index.m3u8`, headers);
    if (entry === 200 && (await statusOf(address, headers)) === 200) served++;
  }
  return served;
}

test.each([
  ['conditions that are met', { 'if-none-match': '*' }, 'GET', 304],
  ['HEAD', {}, 'HEAD', 200],
  ['ranges behind the end', { range: 'bytes=99999999-' }, 'GET', 416],
])('requests with %s use up nothing of the egress limit', async (_what, headers, method, status) => {
  const { url, listed } = await limitedServer(4);
  const [first = ''] = listed;
  for (let often = 0; often < 100; often++)
    expect(await statusOf(first, { ...ATTACKER, ...headers }, method)).toBe(status);
  expect(await newcomers(url, first, 5)).toBe(5);
  expect(await counted(url, 'freshet_refused_requests_total{reason="egress-limit"}')).toBe(0);
});

test('transfers that are cut at once use up little of the egress limit', async () => {
  const { url, listed } = await limitedServer(1, 12_000_000);
  const [first = ''] = listed;
  const cut = () =>
    new Promise<void>((resolve) => {
      const request = get(first, { headers: ATTACKER, agent: false });
      // Cut as soon as the first bytes arrive: the kernel has taken some more by then.
      request.once('response', (response) => response.destroy());
      request.once('error', () => undefined);
      request.once('close', () => {
        resolve();
      });
    });
  for (let often = 0; often < 30; often++) await cut();
  // The same network, so that its share does not matter.
  expect(await statusOf(`${url}/live/show/index.m3u8`, ATTACKER)).toBe(200);
});

test('one network that downloads all that it gets keeps no newcomer of another out', async () => {
  const { url, listed } = await limitedServer(40);
  const [first = ''] = listed;
  let running = true;
  const statuses: number[] = [];
  const attacks = Array.from({ length: 8 }, async (_, lane) => {
    for (let index = lane; running; index++)
      statuses.push(await statusOf(listed[index % listed.length] ?? '', ATTACKER));
  });
  await expect.poll(() => statuses.includes(503), { timeout: 10_000 }).toBe(true);
  // The first one is seen as another network that asks, and gets its turn when the attacker is above its share.
  await expect.poll(() => newcomers(url, first, 1), { timeout: 10_000, interval: 200 }).toBe(1);
  const served = await newcomers(url, first, 4);
  running = false;
  await Promise.all(attacks);
  expect(served).toBe(4);
  const refused = 'freshet_refused_by_budget_total{budget="egress",shortage="prefix"}';
  expect(await counted(url, refused)).toBeGreaterThan(0);
});

test('playlists and piece lists of one network are no way around its share', async () => {
  const { url, listed } = await limitedServer(100, 2000);
  const [first = ''] = listed;
  // Uncompressed, and longer than a segment here.
  const list = new URL('index.m3u8', first).href;
  const statuses: number[] = [];
  for (let often = 0; often < 80; often++)
    statuses.push(await statusOf(list, { ...ATTACKER, 'accept-encoding': 'identity' }));
  expect(statuses).toContain(503);
  expect(statuses[0]).toBe(200);
  expect(await statusOf(list, { 'x-forwarded-for': '198.51.100.7' })).toBe(200);
  expect(await newcomers(url, first, 5)).toBe(5);
});
