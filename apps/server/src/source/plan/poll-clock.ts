import type { Millis } from '@freshet/protocol';

/** One successful load of a media playlist. */
export interface Load {
  readonly startedAt: Millis;
  readonly endedAt: Millis;
  /** Whether the list had changed. */
  readonly changed: boolean;
  readonly targetDurationMs: Millis;
  /** Media added to the list since the previous load. */
  readonly addedMs: Millis;
  /** Duration of its newest segment. */
  readonly segmentMs: Millis;
}

/**
 * Uncertainty about the moment of publication at which the clock locks, and at which it unlocks: shares of a segment.
 */
const LOCK_AT = 0.15;
const UNLOCK_AT = 0.5;
/** A poll comes this long after the expected moment: publishing takes the source a moment too. */
const MARGIN_MS = 20;
/** Uncertainty added with each load, as a share of a segment: two clocks drift apart by some 100 ppm at most. */
const DRIFT = 0.0001;
/**
 * Lateness, as a share of a segment, from which one longer wait pays off because it brings all later polls into step.
 */
const LATE = 0.25;

/**
 * Decides when to load a media playlist again. Never sooner than RFC 8216 (6.3.4) allows: a target duration after the
 * start of a load that found a change, half of it after one that did not. Within that limit it is phase-locked: each
 * load shows whether the next segment was published by then, which bounds the moment of publication from both sides,
 * and polls move to just after that moment. Blind polling sees a segment half a segment late on average.
 */
export class PollClock {
  /**
   * Bounds of a segment's moment of publication minus the media time at its end. Media time counts from the first load.
   */
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
    // With a target well above the segments' real duration, the wait that the RFC asks for never comes into step with
    // the source.
    if (segmentMs <= 0 || targetDurationMs > 1.1 * segmentMs) return earliest;
    const due = this.#mediaMs + segmentMs;
    this.#locked = this.#by - this.#after <= (this.#locked ? UNLOCK_AT : LOCK_AT) * segmentMs;
    if (!this.#locked) {
      // The moment is not known well yet: poll in the middle, which halves the interval. After a miss, waiting would
      // cost more.
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
      // After a pause or a jump, nothing known before holds.
      this.#after = after;
      this.#by = by;
      return;
    }
    this.#after = Math.max(this.#after - slack, after);
    this.#by = Math.min(this.#by + slack, by);
    // The bounds contradict each other: the newer observation is right, and the moment moved only a little.
    if (this.#after < this.#by) return;
    if (after >= this.#by - slack && this.#after === after) this.#by = after + narrow;
    else this.#after = this.#by - narrow;
  }
}
