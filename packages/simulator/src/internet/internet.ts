import type { Millis } from '@freshet/protocol';
import { drawAccess } from './access.ts';
import type { HomeTraits } from './home.ts';
import type { Turn } from './nat.ts';
import { drawRegion, type Region, roundTripMs } from './regions.ts';

/** What lies between viewers, and between them and the origin. */
export interface Internet {
  /** @param order the viewer's place among all, from 0 */
  readonly home: (random: () => number, order: number) => HomeTraits;
  /** Between regions: what homes' own ways come on top of. */
  readonly roundTripMs: (a: Region, b: Region) => Millis;
  /** Of the pairs: no route, whatever their NATs. */
  readonly unreachableShare: number;
  readonly turn: Turn;
  /** A link draws its own, up to these, on top of its homes'. */
  readonly maxLoss: number;
  readonly maxJitterMs: Millis;
  /** What is sent at once is an event, up to this size. A packet's payload: packet by packet, which few viewers can afford. */
  readonly burstBytes: number;
  /** What both ends' machines take to bring a packet from page to line and from line to page. */
  readonly hostMs: Millis;
  /** Before a page asks for its playlist: HTML, scripts, and their round trips. */
  readonly pageMs: Millis;
  /** Whether it is kept how long packets wait at each home. */
  readonly isWatched?: boolean;
}

/** A piece of up to 16 KiB is one burst. */
const BURST_BYTES = 20 * 1160;
/** Of each region. */
const PROVIDERS = 8;

/** A fifth of the pairs cannot connect: the share that deployments without TURN report is of this order. */
export const INTERNET: Internet = {
  home: (random) => ({
    provider: Math.floor(random() * PROVIDERS),
    region: drawRegion(random),
    ...drawAccess(random),
    ...{ wayMs: 0, jitterMs: 0, loss: 0, nat: 'cone' },
  }),
  roundTripMs,
  unreachableShare: 0.2,
  turn: 'none',
  maxLoss: 0.02,
  maxJitterMs: 15,
  burstBytes: BURST_BYTES,
  hostMs: 0,
  pageMs: 0,
};

/** One fast network, as that of the benchmark's browsers: to hold the model against what those reach. */
export const LAN: Internet = {
  home: () => ({
    ...{ provider: 0, region: 0, upKbps: 200_000, downKbps: 200_000, queueMs: 100 },
    ...{ wayMs: 0, jitterMs: 0, loss: 0, nat: 'cone' },
  }),
  roundTripMs: () => 2,
  unreachableShare: 0,
  turn: 'none',
  maxLoss: 0,
  maxJitterMs: 1,
  burstBytes: BURST_BYTES,
  hostMs: 0,
  pageMs: 0,
};
