import type { Millis } from '@freshet/protocol';
import { drawAccess } from './access.ts';
import type { HomeTraits } from './home.ts';
import type { Turn } from './nat.ts';
import { drawRegion, type Region, roundTripMs } from './regions.ts';

/** The network between viewers, and between viewers and the origin. */
export interface Internet {
  /** @param order the viewer's number, from 0 */
  readonly home: (random: () => number, order: number) => HomeTraits;
  /** Between regions. The delays of the homes are added. */
  readonly roundTripMs: (a: Region, b: Region) => Millis;
  /** The share of pairs without a route, for any NATs. */
  readonly unreachableShare: number;
  readonly turn: Turn;
  /** Each link draws its own loss and jitter up to these, in addition to those of its homes. */
  readonly maxLoss: number;
  readonly maxJitterMs: Millis;
  /**
   * Bytes that are sent together are one event, up to this size. With a packet's payload the simulation runs packet by
   * packet, which is affordable for few viewers only.
   */
  readonly burstBytes: number;
  /** The time that the machines of both ends take to move a packet between page and line. */
  readonly hostMs: Millis;
  /** The time before a page requests its playlist: HTML, scripts, and their round trips. */
  readonly pageMs: Millis;
  /** Whether to record how long packets wait at each home. */
  readonly isWatched?: boolean;
}

/** A piece of up to 16 KiB is one burst. */
const BURST_BYTES = 20 * 1160;
/** Providers in each region. */
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

/** One fast network, like that of the benchmark's browsers, to compare the model with their results. */
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
