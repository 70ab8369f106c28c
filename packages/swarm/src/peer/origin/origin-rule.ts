import type { Millis } from '@freshet/protocol';
import { lastCallAt, leadMs, NEED_FACTOR } from '../estimates/lead-time.ts';

/** Added to the origin's time without neighbours: a page makes its first links when its second segment is due. */
const FIRST_LINKS_MS = 400;
/** Time between two ranks of the election for who fetches a segment from the origin. */
const RANK_STEP_MS = 250;
/** How long others wait for injectors: at least this time, and at most this share of the segment's duration. */
const GRACE_MIN_MS = 300;
const GRACE_SHARE = 0.5;
/**
 * Named injectors get the time until the transfer from the origin has to start, less the time to forward the pieces
 * that the first of the election then fetches in their place; at least this share of it, and at most this many
 * durations of the segment.
 */
const HANDING_ON_MS = 2500;
const INJECTION_SHARE = 0.5;
const INJECTION_DURATIONS = 2;

/** The facts on which the decision to fetch missing pieces from the origin is based. */
export interface OriginQuestion {
  readonly now: Millis;
  /** When the playhead needs the segment; undefined when the player has not asked for it. */
  readonly deadline: Millis | undefined;
  /** How long the origin needs for all missing pieces. */
  readonly needMs: Millis;
  /** Open links. */
  readonly neighbours: number;
  /** Links are being made. */
  readonly expecting: boolean;
  /** A neighbour has the pieces, or said that it is fetching them. */
  readonly offered: boolean;
  /** When another viewer that fetches the piece from the origin should have it; undefined when none does. */
  readonly expectedAt: Millis | undefined;
  /** When the injectors' time is over, and new neighbours have had time to announce their pieces. */
  readonly graceEndsAt: Millis;
  /** When the playhead should reach the segment, wanted or not; Infinity when that is not known. */
  readonly neededAt: Millis;
  readonly durationMs: Millis;
  /** This viewer's place in the election; 0 goes first. */
  readonly rank: number;
}

/**
 * When to fetch missing pieces from the origin. Never too late for the playhead, never early while the swarm may still
 * deliver them:
 * 1. no neighbour to wait for: at once;
 * 2. hard limit: when only the origin's own time, with margin, is left before the deadline;
 * 3. soft limit: no neighbour offers the pieces although the time for it is over: in order of the election;
 * 4. a segment that the player has not requested is only fetched by the first of the election, one segment early;
 * 5. pieces that another viewer is fetching are awaited until they should be here, if the origin can still deliver them
 *    afterwards, or would not be faster: an overloaded origin must not be asked for the same pieces twice before the
 *    deadline.
 * @returns a time at or before now: at once; Infinity: not as things stand.
 */
export function originDueAt(question: OriginQuestion): Millis {
  const { now, deadline, neighbours } = question;
  if (deadline !== undefined && neighbours === 0 && !question.expecting) return now;
  // An origin that needs longer than the segment's duration does not keep up, however early the transfer starts.
  const needMs = Math.min(question.needMs, question.durationMs);
  const leadTime = leadMs(neighbours === 0 ? needMs + FIRST_LINKS_MS : needMs, question.durationMs);
  const hardAt = deadline === undefined ? Number.POSITIVE_INFINITY : deadline - leadTime;
  if (question.expectedAt !== undefined && question.expectedAt > now && deadline !== undefined) {
    const lastCall = lastCallAt(deadline, question.needMs, question.durationMs);
    if (question.expectedAt <= lastCall) return Math.max(hardAt, question.expectedAt);
    if (question.expectedAt <= now + question.needMs) return Math.min(question.expectedAt, deadline);
  }
  if (question.offered || neighbours === 0) return hardAt;
  if (deadline === undefined) {
    if (question.rank > 0) return Number.POSITIVE_INFINITY;
    return Math.max(question.graceEndsAt, question.neededAt - leadTime - question.durationMs);
  }
  return Math.min(hardAt, question.graceEndsAt + question.rank * RANK_STEP_MS);
}

/** How long to wait for neighbours that announced that they fetch pieces from the origin. */
export function graceMs(needMs: Millis, durationMs: Millis): Millis {
  return Math.max(GRACE_MIN_MS, Math.min(needMs * NEED_FACTOR + GRACE_MIN_MS, durationMs * GRACE_SHARE));
}

/**
 * How long to wait for pieces of named injectors. An injector may be several links away, and each link takes time:
 * with a wait of constant length the viewers furthest away used the origin seconds too early.
 * @param leftMs until the playhead needs the pieces; Infinity when that is not known.
 */
export function injectionGraceMs(needMs: Millis, durationMs: Millis, leftMs: Millis): Millis {
  const slack = Number.isFinite(leftMs) ? leftMs - leadMs(needMs, durationMs) : 0;
  const share = Math.max(slack * INJECTION_SHARE, slack - HANDING_ON_MS);
  return Math.max(graceMs(needMs, durationMs), Math.min(share, durationMs * INJECTION_DURATIONS));
}
