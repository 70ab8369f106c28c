import { expect, test } from 'vitest';
import { startAttackedServer } from '../testing/attacked-server.ts';
import { counted } from '../testing/counted.ts';

const refusals = 'freshet_refused_by_budget_total{budget="held",shortage="prefix"}';

test('held requests of one network leave room for those of others', async () => {
  // The source never answers: the server holds requests for its playlist for some seconds.
  const { url } = await startAttackedServer([
    ...['--source', 'dead=http://127.0.0.1:9/index.m3u8', '--max-viewers', '20', '--trust-proxy', '1'],
  ]);
  const address = `${url}/live/dead/index.m3u8`;
  const ask = (from: string) =>
    fetch(address, { headers: { 'x-forwarded-for': from } }).then(({ status }) => ({ from, status }));
  // 80 may be held, 65 of them for one network.
  const attack = Array.from({ length: 100 }, (_, index) => ask(`203.0.113.${index}`));
  await expect.poll(() => counted(url, refusals)).toBe(35);
  const honest = ask('198.51.100.7');
  // Refused requests are answered at once; this one is held, and answered after those that came first.
  const last = await Promise.all(attack).then(() => Promise.race([honest, tick()]));
  expect(last).toBe('nothing yet');
  expect(await honest).toEqual({ from: '198.51.100.7', status: 503 });
  expect(await counted(url, refusals)).toBe(35);
}, 20_000);

function tick(): Promise<string> {
  return new Promise((resolve) =>
    setImmediate(() => {
      resolve('nothing yet');
    }),
  );
}
