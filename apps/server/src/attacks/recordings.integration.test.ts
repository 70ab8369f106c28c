import { expect, test } from 'vitest';
import { startAttackedServer } from '../testing/attacked-server.ts';
import { counted } from '../testing/counted.ts';
import { segmentAddresses, startRecordingSource } from '../testing/recording-source.ts';

const ATTACKER = { 'x-forwarded-for': '203.0.113.1' };
const HONEST = { 'x-forwarded-for': '198.51.100.7' };

async function recordingServer() {
  const source = await startRecordingSource(100, 20_000);
  const { url } = await startAttackedServer(['--source', `show=${source.url}`, '--trust-proxy', '1']);
  const listed = await segmentAddresses(url, 'show');
  const before = source.asked.length;
  return { url, listed, source, fetched: () => source.asked.length - before };
}

test('requests that get no body have nothing fetched from the source', async () => {
  const { listed, fetched } = await recordingServer();
  for (const address of listed) {
    expect((await fetch(address, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(address, { headers: { 'if-none-match': '*' } })).status).toBe(304);
    const pieces = address.replace('.ts', '.pieces');
    expect((await fetch(pieces, { method: 'HEAD' })).status).toBe(200);
  }
  expect(fetched()).toBe(0);
});

test('many requests for one segment share one fetch', async () => {
  const { listed, fetched } = await recordingServer();
  const [, second = ''] = listed;
  const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(second, { headers: ATTACKER })));
  const lengths = await Promise.all(answers.map(async (answer) => (await answer.arrayBuffer()).byteLength));
  expect(new Set(lengths)).toEqual(new Set([20_000 - (20_000 % 188)]));
  expect(fetched()).toBe(1);
});

test('a network that asks for everything gets its share, and others their turn', async () => {
  const { url, listed, source } = await recordingServer();
  source.pause();
  const greedy = listed
    .slice(1, 81)
    .map((address) => fetch(address, { headers: ATTACKER }).then(({ status }) => status));
  const refusals = 'freshet_refused_by_budget_total{budget="fetches",shortage="prefix"}';
  await expect.poll(() => counted(url, refusals)).toBe(80 - 52);
  const honest = fetch(listed[90] ?? '', { headers: HONEST });
  const isFetched = () => source.asked.some((path) => path === '/90.ts');
  // Four are running; then the two networks take turns.
  for (let answered = 0; answered < 6 && !isFetched(); answered++) {
    const running = source.asked.length;
    await expect.poll(() => source.asked.length > running || (source.answer(), false)).toBe(true);
  }
  expect(isFetched()).toBe(true);
  const done = setInterval(() => {
    source.answer();
  }, 1);
  expect((await honest).status).toBe(200);
  const statuses = await Promise.all(greedy);
  clearInterval(done);
  expect(statuses.filter((status) => status === 200)).toHaveLength(52);
});
