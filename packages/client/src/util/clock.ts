import type { Millis } from '@freshet/protocol';

/** The host's monotonic clock: the one that hls.js's timings are on too. */
export type Clock = () => Millis;

export const pageClock: Clock = () => performance.now();

export type Timer = ReturnType<typeof setTimeout>;
