import { backoffMs, type Millis } from '@freshet/protocol';

const FIRST_MS = 1000;
/**
 * The cap early in an outage, so that its end is noticed within 3 s. Most outages are the restart of an encoder or
 * server.
 */
const EARLY_CAP_MS = 2500;
const EARLY_MS = 60_000;
const CAP_MS = 15_000;
/** So that many servers do not return to a source in step. */
const SPREAD = 0.2;

/**
 * The wait before the next request to a failing source.
 * @param failures in a row, from 1. @param outForMs since the first of them. @param random 0 to 1, as Math.random
 */
export function backoff(failures: number, outForMs: Millis, random: number): Millis {
  const lastMs = outForMs < EARLY_MS ? EARLY_CAP_MS : CAP_MS;
  return Math.round(backoffMs(failures - 1, FIRST_MS, lastMs, SPREAD, random));
}
