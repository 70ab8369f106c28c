import type { Timer } from './clock.ts';

/** Runs an action at most once per `intervalMs`: at the end of each interval in which it was called. */
export class Throttle {
  readonly #intervalMs: number;
  readonly #action: () => void;
  #timer: Timer | undefined;
  #pending = false;
  #closed = false;

  constructor(intervalMs: number, action: () => void) {
    this.#intervalMs = intervalMs;
    this.#action = action;
  }

  call(): void {
    if (this.#closed) return;
    this.#pending = true;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (!this.#pending) return;
      this.#pending = false;
      this.#action();
    }, this.#intervalMs);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
