import type { Millis } from '@freshet/protocol';

/** The estimate of what the origin needs is trusted this far, and this much is added for timers and decoding. */
const NEED_FACTOR = 1.5;
const MARGIN_MS = 700;
/** Low-latency parts are needed a few of their own durations after they exist: no more than this share of one is margin. */
const MARGIN_SHARE = 0.7;
/** The margin where a neighbour's piece is awaited as long as possible: this, and no more than a share of the duration. */
const LAST_CALL_MARGIN_MS = 300;
const LAST_CALL_SHARE = 0.3;
/** Added to what the origin needs: making the first links takes a page's time, just when its second segment is due. */
const FIRST_LINKS_MS = 400;
/** Time between the first and the next in the election to take a segment from the origin. */
const RANK_STEP_MS = 250;
/** How long injectors get before others step in: at least, and at most as a share of the segment's duration. */
const GRACE_MIN_MS = 300;
const GRACE_SHARE = 0.5;
/**
 * Named injectors get the time that is left until only the origin's own is, but for what it takes to hand on what the
 * first of the election fetched in their stead; at least this share of it, and some of a segment's durations at most.
 */
const HANDING_ON_MS = 2500;
const INJECTION_SHARE = 0.5;
const INJECTION_DURATIONS = 2;

/** What the decision to go to the origin for some missing pieces rests on. */
export interface OriginQuestion {
  readonly now: Millis;
  /** When the playhead needs the segment; undefined when the player has not asked for it. */
  readonly deadline: Millis | undefined;
  /** What the origin needs to bring all that is missing. */
  readonly needMs: Millis;
  /** What it needs to bring what someone else brings instead. */
  readonly needInsteadMs: Millis;
  /** Open links. */
  readonly neighbours: number;
  /** Links are being made. */
  readonly expecting: boolean;
  /** A neighbour has the pieces, or said that it is fetching them. */
  readonly offered: boolean;
  /** When one that takes the piece from the origin should have it; undefined when nobody does. */
  readonly expectedAt: Millis | undefined;
  /** When those who were asked to inject the pieces have had their time, and new neighbours the time to say what they have. */
  readonly graceEndsAt: Millis;
  /** When the playhead should reach the segment, asked for or not; Infinity when that is not known. */
  readonly neededAt: Millis;
  readonly durationMs: Millis;
  /** This viewer's place in the election; 0 goes first. */
  readonly rank: number;
}

/**
 * When missing pieces are to be taken from the origin. Never too late for the playhead, never early while the swarm
 * may still bring them:
 * 1. nobody to wait for: at once;
 * 2. hard: when only the origin's own time, with margin, is left before the deadline;
 * 3. soft: nobody offers them though the time for it is over: in order of election;
 * 4. what the player has not asked for is only taken by the first of the election, a segment before it is due;
 * 5. what a neighbour is bringing is left to it until it should be here, if the origin could still step in for it then,
 *    or would not be sooner: an origin that is overrun is not helped by asking it for the same.
 * @returns a time at or before now: at once; Infinity: not as things stand.
 */
export function originDueAt(question: OriginQuestion): Millis {
  const { now, deadline, neighbours } = question;
  if (deadline !== undefined && neighbours === 0 && !question.expecting) return now;
  // An origin that needs longer than the segment lasts does not keep up, however early it is asked.
  const needMs = Math.min(question.needMs, question.durationMs);
  const leadTime = leadMs(neighbours === 0 ? needMs + FIRST_LINKS_MS : needMs, question.durationMs);
  const hardAt = deadline === undefined ? Number.POSITIVE_INFINITY : deadline - leadTime;
  if (question.expectedAt !== undefined && question.expectedAt > now && deadline !== undefined) {
    const lastCall = lastCallAt(deadline, question.needInsteadMs, question.durationMs);
    if (question.expectedAt <= lastCall) return Math.max(hardAt, question.expectedAt);
    if (question.expectedAt <= now + question.needInsteadMs) return question.expectedAt;
  }
  if (question.offered || neighbours === 0) return hardAt;
  if (deadline === undefined) {
    if (question.rank > 0) return Number.POSITIVE_INFINITY;
    return Math.max(question.graceEndsAt, question.neededAt - leadTime - question.durationMs);
  }
  return Math.min(hardAt, question.graceEndsAt + question.rank * RANK_STEP_MS);
}

/** Until when a piece is awaited that a neighbour promised: the origin could still bring it then. */
export function lastCallAt(deadline: Millis, needMs: Millis, durationMs: Millis): Millis {
  return deadline - needMs - Math.min(LAST_CALL_MARGIN_MS, durationMs * LAST_CALL_SHARE);
}

/** How long before the deadline the origin has to be asked. */
export function leadMs(needMs: Millis, durationMs: Millis = Number.POSITIVE_INFINITY): Millis {
  return needMs * NEED_FACTOR + Math.min(MARGIN_MS, durationMs * MARGIN_SHARE);
}

/** How long those who announced that they take pieces from the origin are waited for. */
export function graceMs(needMs: Millis, durationMs: Millis): Millis {
  return Math.max(GRACE_MIN_MS, Math.min(needMs * NEED_FACTOR + GRACE_MIN_MS, durationMs * GRACE_SHARE));
}

/**
 * How long pieces are awaited that injectors were named for. They may be several links away, each of which takes its
 * time: a wait of constant length made those furthest away go to the origin seconds before they had to.
 * @param leftMs until the playhead needs them; Infinity when that is not known.
 */
export function injectionGraceMs(needMs: Millis, durationMs: Millis, leftMs: Millis): Millis {
  const slack = Number.isFinite(leftMs) ? leftMs - leadMs(needMs, durationMs) : 0;
  const share = Math.max(slack * INJECTION_SHARE, slack - HANDING_ON_MS);
  return Math.max(graceMs(needMs, durationMs), Math.min(share, durationMs * INJECTION_DURATIONS));
}
