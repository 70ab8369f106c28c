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
  /** Bytes of the segment; while it loads, the bytes held so far. */
  readonly bytes: number;
  /** What the origin delivered of this segment; undefined when all of it came from viewers or was held before. */
  readonly origin: OriginEvidence | undefined;
  /** Evidence from the fastest of the origin's last four transfers, of any segment, while it is recent. */
  readonly recent?: OriginEvidence | undefined;
  /** hls.js's current estimate in bit/s. */
  readonly estimateBps: number;
  /** The origin's last known time to first byte; undefined before the first transfer. */
  readonly ttfbMs: Millis | undefined;
}

/** The values for `stats.loading` of hls.js. */
export interface LoadingTimes {
  readonly start: Millis;
  readonly first: Millis;
  readonly end: Millis;
}

/** A transfer of a smaller share of its segment is too short to be taken directly as the origin's rate. */
const SMALL_SHARE = 0.5;
/**
 * A few pieces may have come in a burst that the connection does not sustain: they raise the estimate at most by this
 * factor.
 */
const MAX_RAISE = 4;
/** hls.js's own assumption before the first measurement. */
const UNKNOWN_TTFB_MS = 100;

/**
 * The timings from which hls.js computes its bandwidth sample (`loaded` over `end - start`, less the time to first
 * byte). A rendition to which hls.js switches may be held by no viewer and then comes from the origin. The sample
 * therefore states the origin's rate only:
 * 1. When the origin delivered at least half of the segment: the rate at which it did.
 * 2. Otherwise, when the origin delivered pieces of this segment, or of another one lately: hls.js's current estimate,
 *    moved as far as the fastest of those transfers disproves it (a busy page makes a fast transfer look slow). The
 *    upper bound of the origin's rate is that transfer's bytes over the time in which they streamed, the lower bound
 *    its bytes over the whole time since they were requested. At most four times the current estimate is believed.
 * 3. Otherwise: hls.js's current estimate, so that the sample changes nothing.
 * Rule 2 takes its evidence from the pieces that a viewer injects. Where there are none and a higher level is
 * available, the viewer fetches a piece for this purpose (PROBE_MS in the swarm's origin planner); otherwise a viewer
 * that is fed by others would stay at a low level for ever.
 * The time for which the request was held is in none of the timings. Except for `end`, they are therefore not clock
 * times.
 */
export function bandwidthSample(delivery: Delivery): LoadingTimes {
  const { now, bytes, origin, ttfbMs } = delivery;
  const ttfb = origin?.ttfbMs ?? ttfbMs ?? UNKNOWN_TTFB_MS;
  const virtualMs = (bytes * 8000) / rateBps(delivery);
  // Early in a page's life the clock is near 0, and hls.js reads a `first` of 0 as "not yet".
  const first = Math.max(Number.MIN_VALUE, now - virtualMs);
  return { start: first - ttfb, first, end: now };
}

/**
 * The same while the segment loads, for the check by which hls.js abandons a slow load. The check reads `loaded` over
 * `now - first`, and begins when half a segment's duration has passed since `start`.
 * @returns undefined while the request is held: the caller then reports no start at all.
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
