import type { Millis } from '@freshet/protocol';

/** A minimum is kept for one to two of these periods: a route may become longer for good, and clocks drift apart. */
const BUCKET_MS = 30_000;

/** The least delay of a link over the last minute: the delay of its packets without a queue. */
export class BaseDelay {
  #current: Millis;
  #previous = Number.POSITIVE_INFINITY;
  #since: Millis;

  /** @param least the delay without a queue, as far as it is known. */
  constructor(least: Millis, now: Millis) {
    this.#current = least;
    this.#since = now;
  }

  /** Replaces a guess of the least delay by a better one. */
  restart(least: Millis, now: Millis): void {
    this.#current = least;
    this.#previous = Number.POSITIVE_INFINITY;
    this.#since = now;
  }

  /** @returns how much longer than the least delay this one is: the packet's time in queues. */
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
