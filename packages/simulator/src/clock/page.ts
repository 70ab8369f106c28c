import type { Millis } from '@freshet/protocol';
import type { Entry } from './virtual-clock.ts';

/**
 * The entries of a short span of time. Their times are in an array of their own, one block of memory, because sorting
 * reads only the times.
 */
export class Page {
  readonly #times: Millis[] = [];
  readonly #entries: (Entry | undefined)[] = [];
  /** The first entry that was not taken, and the end. */
  #next = 0;
  #end = 0;

  get isEmpty(): boolean {
    return this.#next === this.#end;
  }

  /** The time of the first entry; Infinity without any. */
  get nextAt(): Millis {
    return this.#next < this.#end ? (this.#times[this.#next] ?? 0) : Number.POSITIVE_INFINITY;
  }

  /** Appends an entry. The entries must be sorted before one is taken. */
  add(entry: Entry, at: Millis): void {
    this.#times[this.#end] = at;
    this.#entries[this.#end++] = entry;
  }

  /** Moves all entries of another page behind its own. */
  addAll(other: Page): void {
    for (; other.#next < other.#end;) this.add(other.#entry(), other.#times[other.#next++] ?? 0);
  }

  /** Inserts an entry among sorted ones, behind all that are due before it or at the same time. */
  insert(entry: Entry, at: Millis): void {
    this.#end++;
    this.#place(entry, at, this.#end - 1);
  }

  /** Sorts by time, and equal times in the order in which they were added. Most pages are short or nearly sorted. */
  sort(): void {
    for (let i = this.#next + 1; i < this.#end; i++) {
      const at = this.#times[i] ?? 0;
      if (at < (this.#times[i - 1] ?? 0)) this.#place(this.#entries[i], at, i);
    }
  }

  /** Removes and returns the first entry. */
  take(): Entry {
    const entry = this.#entry();
    // Releases the entry for the garbage collector, long before the page is full again.
    this.#entries[this.#next++] = undefined;
    if (this.#next === this.#end) this.#next = this.#end = 0;
    return entry;
  }

  #entry(): Entry {
    const entry = this.#entries[this.#next];
    if (entry === undefined) throw new RangeError('no entry left');
    return entry;
  }

  /** Moves all later entries before `end` up by one place, and puts the entry into the gap. */
  #place(entry: Entry | undefined, at: Millis, end: number): void {
    const times = this.#times;
    const entries = this.#entries;
    let i = end;
    for (; i > this.#next && (times[i - 1] ?? 0) > at; i--) {
      times[i] = times[i - 1] ?? 0;
      entries[i] = entries[i - 1];
    }
    times[i] = at;
    entries[i] = entry;
  }
}
