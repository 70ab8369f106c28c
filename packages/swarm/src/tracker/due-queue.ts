import type { Millis } from '@freshet/protocol';

/** Items that come due a fixed time after they were put in, and therefore in the order in which they came. */
export class DueQueue<T> {
  readonly #delayMs: Millis;
  readonly #dueAt = new Map<T, Millis>();

  constructor(delayMs: Millis) {
    this.#delayMs = delayMs;
  }

  /** The time at which the first item comes due; undefined when empty. */
  get nextAt(): Millis | undefined {
    const first = this.#dueAt.values().next();
    return first.done === true ? undefined : first.value;
  }

  has(item: T): boolean {
    return this.#dueAt.has(item);
  }

  /** Puts an item in. Its time starts anew if it is in already. */
  put(item: T, now: Millis): void {
    this.#dueAt.delete(item);
    this.#dueAt.set(item, now + this.#delayMs);
  }

  delete(item: T): void {
    this.#dueAt.delete(item);
  }

  /** Removes and returns the items that are due. */
  take(now: Millis): readonly T[] {
    const due: T[] = [];
    for (const [item, at] of this.#dueAt) {
      if (at > now) break;
      due.push(item);
    }
    for (const item of due) this.#dueAt.delete(item);
    return due;
  }
}
