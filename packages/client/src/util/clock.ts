import type { Millis } from '@freshet/protocol';

/** The host's monotonic clock, which hls.js's timings use too. */
export type Clock = () => Millis;

export const pageClock: Clock = () => performance.now();

export type Timer = ReturnType<typeof setTimeout>;
