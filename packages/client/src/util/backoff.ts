/**
 * How long to wait before attempt `attempt` (0 is the first retry): doubling from `firstMs` up to `lastMs`, then
 * spread over half to one and a half of it, so that viewers who lost the same server do not all come back at once.
 * `chance` is within 0 and 1.
 */
export function backoffMs(attempt: number, firstMs: number, lastMs: number, chance: number): number {
  return Math.min(lastMs, firstMs * 2 ** Math.min(attempt, 30)) * (0.5 + chance);
}
