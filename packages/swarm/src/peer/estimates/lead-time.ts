import type { Millis } from '@freshet/protocol';

/** Safety factor on the estimate of the origin's time, and the margin for timers and decoding. */
export const NEED_FACTOR = 1.5;
const MARGIN_MS = 700;
/** Parts are needed a few of their own durations after they exist: the margin is at most this share of one duration. */
const MARGIN_SHARE = 0.7;
/** The margin for the longest wait for a neighbour's piece: this time, but at most this share of the duration. */
const LAST_CALL_MARGIN_MS = 300;
const LAST_CALL_SHARE = 0.3;

/** How long before the deadline the transfer from the origin has to start. */
export function leadMs(needMs: Millis, durationMs: Millis = Number.POSITIVE_INFINITY): Millis {
  return needMs * NEED_FACTOR + Math.min(MARGIN_MS, durationMs * MARGIN_SHARE);
}

/** How long to wait for a piece that a neighbour promised: the origin can still deliver it afterwards. */
export function lastCallAt(deadline: Millis, needMs: Millis, durationMs: Millis): Millis {
  return deadline - needMs - Math.min(LAST_CALL_MARGIN_MS, durationMs * LAST_CALL_SHARE);
}
