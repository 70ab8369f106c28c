import type { Millis } from '@freshet/protocol';

/** What the origin showed while it brought bytes of one segment. */
export interface OriginEvidence {
  readonly bytes: number;
  /** From first to last byte. */
  readonly streamingMs: Millis;
  readonly ttfbMs: Millis;
}

export interface Delivery {
  readonly now: Millis;
  /** Bytes of the segment (or, while it loads, bytes here). */
  readonly bytes: number;
  /** What came from the origin for this segment; undefined when all of it came from viewers or was there before. */
  readonly origin: OriginEvidence | undefined;
  /** hls.js's own present estimate in bit/s. */
  readonly estimateBps: number;
  /** The origin's last known time to first byte; undefined before the first transfer. */
  readonly ttfbMs: Millis | undefined;
}

/** What goes into `stats.loading`. */
export interface LoadingTimes {
  readonly start: Millis;
  readonly first: Millis;
  readonly end: Millis;
}

/** From less than this out of the origin no rate is read: it fits the first window of a connection. */
const MIN_EVIDENCE_BYTES = 16 * 1024;
/** A few pieces say that the origin answers, not how long it could go on: they raise the estimate at most this much. */
const SMALL_SHARE = 0.5;
const MAX_RAISE = 2;
/** hls.js's own assumption before it measured any. */
const UNKNOWN_TTFB_MS = 100;

/**
 * The timings from which hls.js makes its bandwidth sample (`loaded` over `end - start`, less the time to first byte).
 * When it asks for another rendition, that may be on no viewer and must come from the origin; so the origin's rate is
 * the only one it is told:
 * 1. a segment of which the origin brought at least half: the rate at which it did;
 * 2. of which it brought some: that rate, but at most twice hls.js's present estimate;
 * 3. of which it brought next to nothing (viewers did, or it was a cache hit, or it was held until the swarm had it):
 *    hls.js's present estimate, so that the sample changes nothing.
 * How long the request was held is in none of them. The times are therefore not those of the clock, except `end`.
 */
export function bandwidthSample({ now, bytes, origin, estimateBps, ttfbMs }: Delivery): LoadingTimes {
  const ttfb = origin?.ttfbMs ?? ttfbMs ?? UNKNOWN_TTFB_MS;
  const virtualMs = (bytes * 8000) / rateBps(bytes, origin, estimateBps);
  // Early in a page's life the clock is near 0, and hls.js takes a `first` of 0 for `not yet`.
  const first = Math.max(Number.MIN_VALUE, now - virtualMs);
  return { start: first - ttfb, first, end: now };
}

/**
 * The same while the segment loads, for the check by which hls.js gives up a slow load (it reads `loaded` over
 * `now - first`, and starts to look when half a segment's duration has gone since `start`).
 * @returns undefined while the request is held: the caller then shows no start at all.
 */
export function loadingProgress(delivery: Delivery): Omit<LoadingTimes, 'end'> | undefined {
  const { origin, now, bytes } = delivery;
  if (origin === undefined) return undefined;
  if (origin.bytes === 0) return { start: now - origin.ttfbMs, first: 0 };
  const virtualMs = (bytes * Math.max(1, origin.streamingMs)) / origin.bytes;
  const first = Math.max(Number.MIN_VALUE, now - virtualMs);
  return { start: first - origin.ttfbMs, first };
}

function rateBps(bytes: number, origin: OriginEvidence | undefined, estimateBps: number): number {
  if (origin === undefined || origin.bytes < Math.min(MIN_EVIDENCE_BYTES, bytes)) return estimateBps;
  const measured = (origin.bytes * 8000) / Math.max(1, origin.streamingMs);
  return origin.bytes >= bytes * SMALL_SHARE ? measured : Math.min(measured, estimateBps * MAX_RAISE);
}
