import { expect, test } from 'vitest';
import { AttackedSwarm, type RawViewer } from '../testing/attacked-swarm.ts';

async function difference(swarm: AttackedSwarm, viewers: readonly RawViewer[]): Promise<void> {
  for (const { socket } of viewers) {
    socket.emit('difference', { epoch: 1, rendition: '0123abcd', msn: 1 });
    await swarm.settled(socket);
  }
}

async function join(swarm: AttackedSwarm, count: number, address?: string): Promise<RawViewer[]> {
  const viewers: RawViewer[] = [];
  for (let i = 0; i < count; i++) viewers.push(await swarm.join(address));
  return viewers;
}

const OFF = 'freshet_sharing_off{stream="demo"}';

test.each([
  ['behind an undeclared proxy', []],
  ['in an office', ['--trust-proxy', '1']],
])(
  'eleven strangers in the network of ten others, %s, do not switch sharing off',
  async (_where, argv) => {
    const swarm = await AttackedSwarm.start(...argv);
    await join(swarm, 10, '20.0.0.1');
    await join(swarm, 1, '20.1.0.1');
    await difference(swarm, await join(swarm, 12, '20.0.0.2'));
    expect(await swarm.metric('freshet_difference_reports_total{stream="demo"}')).toBe(12);
    expect(await swarm.metric(OFF)).toBe(0);
  },
  30_000,
);

test('S10: most viewers of most networks switch it off', async () => {
  const swarm = await AttackedSwarm.start('--trust-proxy', '1');
  const viewers = [await swarm.join('20.0.0.1'), await swarm.join('20.1.0.1'), await swarm.join('20.2.0.1')];
  await difference(swarm, viewers.slice(1));
  expect(await swarm.metric(OFF)).toBe(1);
}, 30_000);
