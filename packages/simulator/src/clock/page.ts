import type { Millis } from '@freshet/protocol';
import type { Entry } from './virtual-clock.ts';

/** Entries of a moment. Their times stand apart, in one block of memory, which is what sorting looks at. */
export class Page {
  readonly #times: Millis[] = [];
  readonly #entries: (Entry | undefined)[] = [];
  /** The first that was not taken, and the end. */
  #next = 0;
  #end = 0;

  get isEmpty(): boolean {
    return this.#next === this.#end;
  }

  /** When the first is due; Infinity without any. */
  get nextAt(): Millis {
    return this.#next < this.#end ? (this.#times[this.#next] ?? 0) : Number.POSITIVE_INFINITY;
  }

  /** Behind all others; they have to be sorted before one is taken. */
  add(entry: Entry, at: Millis): void {
    this.#times[this.#end] = at;
    this.#entries[this.#end++] = entry;
  }

  /** Takes over all entries of another page, behind its own. */
  addAll(other: Page): void {
    for (; other.#next < other.#end;) this.add(other.#entry(), other.#times[other.#next++] ?? 0);
  }

  /** Among sorted ones: behind all that are due before it or with it. */
  insert(entry: Entry, at: Millis): void {
    this.#end++;
    this.#place(entry, at, this.#end - 1);
  }

  /** By time, and by the order in which they were added where that is the same. Most are few, or nearly sorted. */
  sort(): void {
    for (let i = this.#next + 1; i < this.#end; i++) {
      const at = this.#times[i] ?? 0;
      if (at < (this.#times[i - 1] ?? 0)) this.#place(this.#entries[i], at, i);
    }
  }

  /** The first. */
  take(): Entry {
    const entry = this.#entry();
    // What has run may be forgotten, long before the page is full again.
    this.#entries[this.#next++] = undefined;
    if (this.#next === this.#end) this.#next = this.#end = 0;
    return entry;
  }

  #entry(): Entry {
    const entry = this.#entries[this.#next];
    if (entry === undefined) throw new RangeError('no entry left');
    return entry;
  }

  /** Moves all that is due later up by one place, up to `end`, and takes the place. */
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
