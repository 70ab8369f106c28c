import { expect, test } from 'vitest';
import { AttackedSwarm, type RawViewer } from '../testing/attacked-swarm.ts';

const BANS = 'freshet_bans_total{stream="demo"}';

/** Viewers in as many networks. */
async function town(swarm: AttackedSwarm, size: number): Promise<RawViewer[]> {
  const viewers: RawViewer[] = [];
  for (let i = 0; i < size; i++) viewers.push(await swarm.join(`20.${i}.0.1`));
  return viewers;
}

test('strangers in five networks ban nobody whom they only met', async () => {
  const swarm = await AttackedSwarm.start('--trust-proxy', '1');
  const honest = await town(swarm, 6);
  for (let i = 0; i < 5; i++) {
    const stranger = await swarm.join(`30.${i}.0.1`);
    await swarm.report(stranger, { neighbours: honest.map(({ peer }) => peer) });
    swarm.pass(60_000);
    for (const { peer } of honest) await swarm.accuse(stranger, peer);
  }
  expect(await swarm.metric('freshet_pollution_reports_total{stream="demo"}')).toBe(30);
  expect(await swarm.metric(BANS)).toBe(0);
  expect(honest.map(({ socket }) => socket.connected)).toEqual(honest.map(() => true));
}, 30_000);

test('behind an undeclared proxy nobody bans anybody, even over links that both ends report', async () => {
  const swarm = await AttackedSwarm.start();
  const victim = await swarm.join();
  const strangers = [await swarm.join(), await swarm.join(), await swarm.join(), await swarm.join()];
  await swarm.link(victim, ...strangers);
  swarm.pass(60_000);
  for (const stranger of strangers) await swarm.accuse(stranger, victim.peer);
  expect(await swarm.metric(BANS)).toBe(0);
  expect(victim.socket.connected).toBe(true);
}, 30_000);

test('S9: three networks whose links both ends reported ban a polluter, for a while', async () => {
  const swarm = await AttackedSwarm.start('--trust-proxy', '1');
  const polluter = await swarm.join('40.0.0.1');
  const honest = await town(swarm, 3);
  await swarm.link(polluter, ...honest);
  swarm.pass(3000);
  const expelled = new Promise((resolve) => honest[0]?.socket.once('expel', resolve));
  const gone = new Promise((resolve) => polluter.socket.once('disconnect', resolve));
  for (const viewer of honest) await swarm.accuse(viewer, polluter.peer);
  expect(await expelled).toEqual({ peer: polluter.peer });
  await gone;
  expect(await swarm.metric(BANS)).toBe(1);
  const { resume } = polluter;
  const refused = await swarm.ask('40.0.0.1', { resume });
  expect(refused.reply).toMatchObject({ refusal: { code: 'full' } });
  // Its network is not banned: only the first newcomer finds the polluter's spent introductions.
  expect((await swarm.ask('40.0.0.9')).reply).toHaveProperty('welcome');
  swarm.pass(120_000);
  expect((await swarm.ask('40.0.0.1', { resume })).reply).toHaveProperty('welcome');
}, 30_000);
