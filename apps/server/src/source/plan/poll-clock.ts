import type { Millis } from '@freshet/protocol';

/** One load of a media playlist that worked. */
export interface Load {
  readonly startedAt: Millis;
  readonly endedAt: Millis;
  /** Whether the list had changed. */
  readonly changed: boolean;
  readonly targetDurationMs: Millis;
  /** Media added to the list since the load before. */
  readonly addedMs: Millis;
  /** Duration of its newest segment. */
  readonly segmentMs: Millis;
}

/** Uncertainty about the moment of publication that is small enough, and that is too large again: shares of a segment. */
const LOCK_AT = 0.15;
const UNLOCK_AT = 0.5;
/** A poll comes so long after the expected moment: publishing takes the source a moment too. */
const MARGIN_MS = 20;
/** Uncertainty added with each load, as a share of a segment: two clocks drift apart by some 100 ppm at most. */
const DRIFT = 0.0001;
/** Lateness, as a share of a segment, at which one longer wait pays that brings all later polls into step. */
const LATE = 0.25;

/**
 * When to load a media playlist again. Never sooner than RFC 8216 (6.3.4) allows: a target duration after the start of
 * a load that found a change, half of it after one that did not. Within that it is phase-locked: each load tells
 * whether the next segment was published by then, which bounds the moment of publication from both sides, and the
 * polls are moved to just behind it. Polling blindly sees a segment half a segment late on average.
 */
export class PollClock {
  /** Publication moment of a segment minus the media time at its end lies in this interval; media time 0: the first load. */
  #after = -Infinity;
  #by = Infinity;
  #mediaMs = 0;
  #locked = false;

  /** @returns when to load again, on the same clock */
  next(load: Load): Millis {
    const { startedAt, endedAt, changed, targetDurationMs, segmentMs } = load;
    this.#mediaMs += load.addedMs;
    this.#learn(startedAt - this.#mediaMs - segmentMs, endedAt - this.#mediaMs, segmentMs);
    const earliest = startedAt + (changed ? targetDurationMs : targetDurationMs / 2);
    // With a target well above the segments' real duration the RFC's wait and the source never come into step.
    if (segmentMs <= 0 || targetDurationMs > 1.1 * segmentMs) return earliest;
    const due = this.#mediaMs + segmentMs;
    this.#locked = this.#by - this.#after <= (this.#locked ? UNLOCK_AT : LOCK_AT) * segmentMs;
    if (!this.#locked) {
      // Not known well yet: ask in the middle, which halves the interval. After a miss waiting would cost more.
      if (!changed) return earliest;
      const middle = due + (this.#after + this.#by) / 2;
      return middle >= earliest ? middle : middle + segmentMs;
    }
    const expected = due + this.#by + MARGIN_MS;
    if (earliest <= expected) return expected;
    const late = earliest - expected;
    return changed && late > LATE * segmentMs && late < segmentMs ? expected + segmentMs : earliest;
  }

  #learn(after: Millis, by: Millis, segmentMs: Millis): void {
    const slack = DRIFT * segmentMs;
    const narrow = (LOCK_AT / 2) * segmentMs;
    if (after > this.#by + segmentMs || by < this.#after - segmentMs) {
      // A pause or a jump: what was known is void.
      this.#after = after;
      this.#by = by;
      return;
    }
    this.#after = Math.max(this.#after - slack, after);
    this.#by = Math.min(this.#by + slack, by);
    // A contradiction: the newer observation is right, and the moment moved only a little.
    if (this.#after < this.#by) return;
    if (after >= this.#by - slack && this.#after === after) this.#by = after + narrow;
    else this.#after = this.#by - narrow;
  }
}
