/**
 * The delay before attempt `attempt` (0 is the first retry): `firstMs`, doubled with each attempt up to `lastMs`, then
 * spread over 0.5 to 1.5 times that, so that viewers that lost the same server do not all come back at once. `chance`
 * is within 0 and 1.
 */
export function backoffMs(attempt: number, firstMs: number, lastMs: number, chance: number): number {
  return Math.min(lastMs, firstMs * 2 ** Math.min(attempt, 30)) * (0.5 + chance);
}
