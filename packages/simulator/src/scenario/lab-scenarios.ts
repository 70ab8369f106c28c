import { type Lab, labOf } from '../internet/lab.ts';
import type { Scenario } from './scenarios.ts';

const HOMES = 6;
const KBPS = 850;
/** The time after the last join. */
const STAY_S = 60;
const MEAN_STAY_S = 20;

/** Six homes that join a second apart and stay for a minute, counted from the first byte. */
function lab(summary: string, of: Lab = {}, more: Partial<Scenario> = {}): Scenario {
  return {
    summary,
    viewers: HOMES,
    seconds: HOMES - 1 + STAY_S,
    kbps: [KBPS],
    internet: labOf(of),
    stay: (order) => ({ joinS: order * HOMES }),
    ...more,
  };
}

/** Uplinks of these rates in kbit/s. */
const up = (...upKbps: number[]) => ({ upKbps });

/**
 * The rows of the lab of real browsers: six homes on one exchange, an uplink of about three times the bitrate, 20 ms
 * one way on each line and 0.3 % loss, unless a row says otherwise.
 */
export const LAB_SCENARIOS: Readonly<Record<string, Scenario>> = {
  'lab-uplink-0.7': lab('uplinks of 600 kbit/s for a stream of 850 kbit/s', up(600)),
  'lab-uplink-1.4': lab('uplinks of 1,200 kbit/s', up(1200)),
  'lab-uplink-3': lab('uplinks of 2,500 kbit/s'),
  'lab-uplink-6': lab('uplinks of 5,000 kbit/s', up(5000)),
  'lab-mixed': lab('uplinks of 255, 1,200 and 8,500 kbit/s, two homes each', up(255, 1200, 8500)),
  'lab-far': lab('60 ms one way: 240 ms round trip between viewers', { wayMs: 60 }),
  'lab-near': lab('5 ms one way', { wayMs: 5 }),
  'lab-farthest': lab('120 ms one way', { wayMs: 120 }),
  'lab-loss': lab('1 % loss in each direction', { loss: 0.01 }),
  'lab-jitter': lab('up to 20 ms of jitter on each line', { jitterMs: 20 }),
  'lab-at-once': lab('all join at once', {}, { stay: () => ({ joinS: 0 }) }),
  'lab-churn': lab(
    'a mean stay of 20 s; viewers that leave are replaced',
    {},
    {
      stay: (order, _, random) => {
        const joinS = order * HOMES;
        return { joinS, leaveS: joinS - Math.log(1 - random()) * MEAN_STAY_S, replaced: true };
      },
    },
  ),
  'lab-thin-downlink': lab('one home with a downlink of 1 Mbit/s', {
    downKbps: [20_000, 1000, 20_000, 20_000, 20_000, 20_000],
  }),
  'lab-symmetric': lab('symmetric NATs with a TURN server', { nats: ['symmetric'], turn: 'udp' }),
  'lab-blocked': lab('no UDP; TURN over TCP', { nats: ['blocked'], turn: 'tcp' }),
  'lab-halves': lab('half of the homes cannot reach the others', { nats: ['cone', 'far'] }),
};
