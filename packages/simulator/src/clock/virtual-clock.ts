import type { Millis } from '@freshet/protocol';

/** Something that will happen, unless it is cancelled before. */
export interface Appointment {
  cancel(): void;
}

interface Entry {
  readonly at: Millis;
  readonly order: number;
  run: (() => void) | undefined;
}

/**
 * Time that passes only when it is told to, and then from one appointment to the next. What is due at the same time
 * happens in the order in which it was asked for, so that a run repeats exactly.
 */
export class VirtualClock {
  readonly #heap: Entry[] = [];
  #now: Millis = 0;
  #order = 0;

  get now(): Millis {
    return this.#now;
  }

  /** A time in the past means now, after what is already due. */
  at(time: Millis, run: () => void): Appointment {
    if (!Number.isFinite(time)) throw new RangeError(`an appointment at ${time}`);
    const entry: Entry = { at: Math.max(time, this.#now), order: this.#order++, run };
    this.#push(entry);
    return {
      cancel: () => {
        entry.run = undefined;
      },
    };
  }

  after(delay: Millis, run: () => void): Appointment {
    return this.at(this.#now + delay, run);
  }

  /** Lets everything happen that is due up to and at `end`. */
  runUntil(end: Millis): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= end; next = this.#heap[0]) {
      this.#pop();
      this.#now = next.at;
      next.run?.();
    }
    this.#now = Math.max(this.#now, end);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(entry, above)) break;
      heap[at] = above;
      heap[parent] = entry;
      at = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) child++;
      const below = heap[child];
      if (below === undefined || !isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
