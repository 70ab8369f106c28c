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
  /** What the origin's last transfer showed, of whatever segment, while that is recent. */
  readonly recent?: OriginEvidence | undefined;
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
export const MIN_EVIDENCE_BYTES = 16 * 1024;
/** With less than this share of a segment a transfer was too short to be taken for the origin's rate as it is. */
const SMALL_SHARE = 0.5;
/** A few pieces may have come out of a burst that the connection does not sustain: they raise the estimate at most this much. */
const MAX_RAISE = 4;
/** hls.js's own assumption before it measured any. */
const UNKNOWN_TTFB_MS = 100;

/**
 * The timings from which hls.js makes its bandwidth sample (`loaded` over `end - start`, less the time to first byte).
 * When it asks for another rendition, that may be on no viewer and must come from the origin; so the origin's rate is
 * the only one it is told:
 * 1. a segment of which the origin brought at least half: the rate at which it did;
 * 2. any other, when the origin brought pieces of it or of another one lately: hls.js's present estimate, moved as far
 *    as those pieces prove it wrong. Their bytes over the time in which they streamed is the most that the origin may
 *    do, over the whole time since they were asked for the least, and no more than four times the estimate is believed;
 * 3. any other: hls.js's present estimate, so that the sample changes nothing.
 * Pieces that a viewer injects keep rule 2 going: without it, one that viewers feed would stay on a low level for ever.
 * How long the request was held is in none of them. The times are therefore not those of the clock, except `end`.
 */
export function bandwidthSample(delivery: Delivery): LoadingTimes {
  const { now, bytes, origin, ttfbMs } = delivery;
  const ttfb = origin?.ttfbMs ?? ttfbMs ?? UNKNOWN_TTFB_MS;
  const virtualMs = (bytes * 8000) / rateBps(delivery);
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

function rateBps({ bytes, origin, recent, estimateBps }: Delivery): number {
  const enough = origin !== undefined && origin.bytes >= Math.min(MIN_EVIDENCE_BYTES, bytes);
  const evidence = enough ? origin : recent;
  if (evidence === undefined) return estimateBps;
  const bits = evidence.bytes * 8000;
  const most = bits / Math.max(1, evidence.streamingMs);
  if (enough && evidence.bytes >= bytes * SMALL_SHARE) return most;
  const least = bits / Math.max(1, evidence.ttfbMs + evidence.streamingMs);
  return Math.min(most, Math.max(estimateBps, Math.min(least, estimateBps * MAX_RAISE)));
}
