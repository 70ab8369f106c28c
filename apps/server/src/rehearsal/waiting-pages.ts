import type { Millis, StreamName } from '@freshet/protocol';

/** A page that has not asked for this long is gone. Pages ask every two seconds. */
const GONE_MS: Millis = 6000;
/** Further pages are not counted, but may take part. */
const MOST = 1000;

/** Counts the pages that take part in rehearsals, by their requests. */
export class WaitingPages {
  readonly #now: () => Millis;
  readonly #seen = new Map<string, Millis>();

  constructor(now: () => Millis) {
    this.#now = now;
  }

  saw(stream: StreamName, page: string): void {
    const key = `${stream} ${page}`;
    // Reinserted, so that the oldest entry comes first.
    this.#seen.delete(key);
    this.#sweep();
    if (this.#seen.size < MOST) this.#seen.set(key, this.#now());
  }

  count(stream: StreamName): number {
    this.#sweep();
    return [...this.#seen.keys()].filter((key) => key.startsWith(`${stream} `)).length;
  }

  #sweep(): void {
    for (const [key, at] of this.#seen) {
      if (this.#now() - at < GONE_MS) return;
      this.#seen.delete(key);
    }
  }
}
