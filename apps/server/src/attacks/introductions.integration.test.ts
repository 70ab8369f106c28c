import { expect, test } from 'vitest';
import { AttackedSwarm } from '../testing/attacked-swarm.ts';

/** Three new peers for each of eight seats, and the six that half a minute adds. */
const MOST = 24 + 6;
const VIEWERS = 60;

async function town(...argv: string[]): Promise<AttackedSwarm> {
  const swarm = await AttackedSwarm.start(...argv);
  for (let i = 0; i < VIEWERS; i++) await swarm.join(`20.${i}.0.1`);
  swarm.pass(600_000);
  return swarm;
}

test.each([
  ['of its own', ['--trust-proxy', '1']],
  ['of all others', []],
])(
  'a stranger that joins again and again from a network %s meets a part of the swarm',
  async (_what, argv) => {
    const swarm = await town(...argv);
    const met = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const stranger = await swarm.join('30.0.0.1');
      await swarm.settled(stranger.socket);
      for (const peer of stranger.met) met.add(peer);
      if (i === 39)
        expect(await swarm.metric('freshet_viewers_not_introduced{stream="demo"}')).toBeGreaterThan(0);
      stranger.socket.disconnect();
      await expect.poll(() => swarm.metric('freshet_viewers{stream="demo"}')).toBe(VIEWERS);
      swarm.pass(500);
    }
    expect(met.size).toBeGreaterThan(4);
    expect(met.size).toBeLessThanOrEqual(MOST);
  },
  60_000,
);
