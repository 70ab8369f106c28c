import type { Millis } from '@freshet/protocol';

/**
 * A line with a rate, as arithmetic: what is put in leaves after all that was put in before. No event is needed for
 * waiting, so a piece costs one event and not one a frame.
 */
export class Line {
  readonly #bytesPerMs: number;
  #freeAt: Millis = 0;

  constructor(kbps: number) {
    this.#bytesPerMs = kbps / 8;
  }

  /** @returns when the last of `bytes`, put in at `at`, has left. */
  put(bytes: number, at: Millis): Millis {
    this.#freeAt = Math.max(at, this.#freeAt) + bytes / this.#bytesPerMs;
    return this.#freeAt;
  }

  /** What is put in now leaves this much later than on an idle line. */
  backlogMs(now: Millis): Millis {
    return Math.max(0, this.#freeAt - now);
  }
}
