import type { Millis } from '@freshet/protocol';

/** For each packet whose timestamp is not after the last one of its stream. ffmpeg 5 and 7 spell it differently. */
const WENT_BACK = /Non-monoton(?:ous|ic) DTS/;
/** A glitch affects a few packets. An encoder that begins again affects all: at least 38 a second. */
const MANY = 30;
const WINDOW_MS: Millis = 2000;

/**
 * Notices from ffmpeg's log that the source's timestamps began again, which happens when an encoder reconnects to an
 * RTMP server that keeps its players. ffmpeg then writes no segment until the timestamps are where they were, which
 * takes as long as the encoder had been running.
 */
export class TimestampWatch {
  #count = 0;
  #since: Millis = Number.NEGATIVE_INFINITY;

  /** @returns whether the timestamps began again, by this line and those before it */
  add(line: string, now: Millis): boolean {
    if (!WENT_BACK.test(line)) return false;
    if (now - this.#since > WINDOW_MS) {
      this.#count = 0;
      this.#since = now;
    }
    return ++this.#count >= MANY;
  }
}
