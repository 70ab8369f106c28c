import type { Millis } from '@freshet/protocol';

/** Europe, North America, South America, Asia. The origin is in the first. */
const SHARES = [0.4, 0.3, 0.1, 0.2];

/**
 * Round trips between regions, of the order that public latency tables of cloud providers show. The delays of access
 * lines are added.
 */
const ROUND_TRIP_MS = [
  [25, 95, 190, 180],
  [95, 40, 130, 170],
  [190, 130, 40, 300],
  [180, 170, 300, 60],
];

export type Region = number;
export const ORIGIN_REGION: Region = 0;

export function drawRegion(random: () => number): Region {
  let left = random();
  const region = SHARES.findIndex((share) => (left -= share) < 0);
  return region < 0 ? 0 : region;
}

export function roundTripMs(a: Region, b: Region): Millis {
  const ms = ROUND_TRIP_MS[a]?.[b];
  if (ms === undefined) throw new RangeError(`no round trip from region ${a} to ${b}`);
  return ms;
}
