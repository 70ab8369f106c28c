import type { Millis } from '@freshet/protocol';
import { type Access, drawAccess } from './access.ts';
import { drawRegion, type Region, roundTripMs } from './regions.ts';

/** What lies between viewers, and between them and the origin. */
export interface Internet {
  readonly access: (random: () => number) => Access;
  readonly region: (random: () => number) => Region;
  readonly roundTripMs: (a: Region, b: Region) => Millis;
  /** Of the pairs: no route through both NATs. */
  readonly unreachableShare: number;
  /** A link draws its own, up to these. */
  readonly maxLoss: number;
  readonly maxJitterMs: Millis;
}

/** A fifth of the pairs cannot connect: the share that deployments without TURN report is of this order. */
export const INTERNET: Internet = {
  access: drawAccess,
  region: drawRegion,
  roundTripMs,
  unreachableShare: 0.2,
  maxLoss: 0.02,
  maxJitterMs: 15,
};

/** One fast network, as that of the benchmark's browsers: to hold the model against what those reach. */
export const LAN: Internet = {
  access: () => ({ downKbps: 200_000, upKbps: 200_000 }),
  region: () => 0,
  roundTripMs: () => 2,
  unreachableShare: 0,
  maxLoss: 0,
  maxJitterMs: 1,
};
