import type { Millis } from '@freshet/protocol';
import {
  fastest,
  leastBps,
  MIN_EVIDENCE_BYTES,
  mostBps,
  type OriginEvidence,
} from '../origin/origin-evidence.ts';

export interface Delivery {
  readonly now: Millis;
  /** Bytes of the segment (or, while it loads, bytes here). */
  readonly bytes: number;
  /** What came from the origin for this segment; undefined when all of it came from viewers or was there before. */
  readonly origin: OriginEvidence | undefined;
  /** What the fastest of the origin's last four transfers showed, of whatever segment, while that is recent. */
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
 *    as the fastest of those transfers proves it wrong (a busy page makes a fast one look
 *    slow). Its bytes over the time in which they streamed is the most that the origin may do, over the
 *    whole time since they were asked for the least, and no more than four times the estimate is believed;
 * 3. any other: hls.js's present estimate, so that the sample changes nothing.
 * Pieces that a viewer injects keep rule 2 going, and where there are none and a higher level is to be had, one that it
 * takes for this (PROBE_MS of the swarm's origin planner): without, one that viewers feed would stay low for ever.
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
  const own = origin && origin.bytes >= Math.min(MIN_EVIDENCE_BYTES, bytes) ? origin : undefined;
  if (own && own.bytes >= bytes * SMALL_SHARE) return mostBps(own);
  const evidence = fastest([own, recent]);
  if (evidence === undefined) return estimateBps;
  const raised = Math.min(leastBps(evidence), estimateBps * MAX_RAISE);
  return Math.min(mostBps(evidence), Math.max(estimateBps, raised));
}
