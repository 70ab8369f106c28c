import type { Millis } from '@freshet/protocol';

const FIRST_MS = 1000;
/**
 * The cap early in an outage, so that its end is noticed within 3 s. Most outages are the restart of an encoder or
 * server.
 */
const EARLY_CAP_MS = 2500;
const EARLY_MS = 60_000;
const CAP_MS = 15_000;

/**
 * The wait before the next request to a failing source.
 * @param failures in a row, from 1. @param outForMs since the first of them. @param random 0 to 1: ±20 %, so that many
 * servers do not return to a source in step
 */
export function backoff(failures: number, outForMs: Millis, random: number): Millis {
  const cap = outForMs < EARLY_MS ? EARLY_CAP_MS : CAP_MS;
  const base = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 10), cap);
  return Math.round(base * (0.8 + 0.4 * random));
}
