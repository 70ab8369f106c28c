import type { Millis } from './ids.ts';

/**
 * The delay before a retry: `firstMs`, doubled with each attempt up to `lastMs`.
 * @param attempt 0 is the first retry
 * @param spread 0 to 1: the delay varies by this share in both directions, so that many do not return at once
 * @param chance 0 to 1, as Math.random
 */
export function backoffMs(
  attempt: number,
  firstMs: Millis,
  lastMs: Millis,
  spread: number,
  chance: number,
): Millis {
  return Math.min(lastMs, firstMs * 2 ** Math.min(attempt, 30)) * (1 + spread * (2 * chance - 1));
}
