import type { Millis } from '@freshet/protocol';

const FIRST_MS = 1000;
/** While an outage is young its end is seen within 3 s; most are an encoder's or a server's restart. */
const EARLY_CAP_MS = 2500;
const EARLY_MS = 60_000;
const CAP_MS = 15_000;

/**
 * How long to wait before asking a source again.
 * @param failures in a row, from 1. @param outForMs since the first of them. @param random 0 to 1: ±20 %, so that many
 * servers do not come back to a source in step
 */
export function backoff(failures: number, outForMs: Millis, random: number): Millis {
  const cap = outForMs < EARLY_MS ? EARLY_CAP_MS : CAP_MS;
  const base = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 10), cap);
  return Math.round(base * (0.8 + 0.4 * random));
}
