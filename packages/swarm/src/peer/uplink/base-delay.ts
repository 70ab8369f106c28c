import type { Millis } from '@freshet/protocol';

/** A minimum is kept for one to two of these: a route may become longer for good, and two clocks drift apart. */
const BUCKET_MS = 30_000;

/** The least delay of a link over the last minute: what its packets take when nothing queues. */
export class BaseDelay {
  #current: Millis;
  #previous = Number.POSITIVE_INFINITY;
  #since: Millis;

  /** @param least the delay without a queue, as far as it is known. */
  constructor(least: Millis, now: Millis) {
    this.#current = least;
    this.#since = now;
  }

  /** What was taken for the least was a guess, and this is better. */
  restart(least: Millis, now: Millis): void {
    this.#current = least;
    this.#previous = Number.POSITIVE_INFINITY;
    this.#since = now;
  }

  /** @returns how much longer than the least this one took: the queue that it met. */
  excess(delay: Millis, now: Millis): Millis {
    if (now - this.#since >= BUCKET_MS) {
      this.#previous = this.#current;
      this.#current = Number.POSITIVE_INFINITY;
      this.#since = now;
    }
    this.#current = Math.min(this.#current, delay);
    return delay - Math.min(this.#current, this.#previous);
  }
}
