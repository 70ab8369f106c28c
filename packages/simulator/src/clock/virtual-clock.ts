import type { Millis } from '@freshet/protocol';

/** Something that will happen, unless it is cancelled before. */
export interface Appointment {
  cancel(): void;
}

class Entry implements Appointment {
  readonly at: Millis;
  run: (() => void) | undefined;

  constructor(at: Millis, run: () => void) {
    this.at = at;
    this.run = run;
  }

  cancel(): void {
    this.run = undefined;
  }
}

/**
 * Time that passes only when it is told to, and then from one appointment to the next. What is due at the same time
 * happens in the order in which it was asked for, so that a run repeats exactly.
 *
 * A calendar with a page for each millisecond, sorted when its time comes: with a hundred thousand appointments one
 * heap of them all spends more on its order than the simulated viewers do on their decisions.
 */
export class VirtualClock {
  readonly #pages = new Map<number, Entry[]>();
  #now: Millis = 0;
  /** The page that is open, and the first entry on it that has not run. */
  #open: { readonly page: Entry[]; readonly number: number; next: number } | undefined;

  get now(): Millis {
    return this.#now;
  }

  /** A time in the past means now, after what is already due. */
  at(time: Millis, run: () => void): Appointment {
    if (!Number.isFinite(time)) throw new RangeError(`an appointment at ${time}`);
    const entry = new Entry(Math.max(time, this.#now), run);
    const number = Math.floor(entry.at);
    if (this.#open?.number === number) {
      insert(this.#open.page, entry, this.#open.next);
      return entry;
    }
    const page = this.#pages.get(number);
    if (page === undefined) this.#pages.set(number, [entry]);
    else page.push(entry);
    return entry;
  }

  after(delay: Millis, run: () => void): Appointment {
    return this.at(this.#now + delay, run);
  }

  /** Lets everything happen that is due up to and at `end`. */
  runUntil(end: Millis): void {
    for (let number = Math.floor(this.#now); number <= end && this.#pages.size > 0; number++) {
      const page = this.#pages.get(number);
      if (page === undefined) continue;
      page.sort((a, b) => a.at - b.at);
      this.#run(page, number, end);
    }
    this.#now = Math.max(this.#now, end);
  }

  #run(page: Entry[], number: number, end: Millis): void {
    const open = { page, number, next: 0 };
    this.#open = open;
    for (let entry = page[0]; entry !== undefined && entry.at <= end; entry = page[open.next]) {
      open.next++;
      this.#now = entry.at;
      entry.run?.();
    }
    this.#open = undefined;
    if (open.next < page.length) this.#pages.set(number, page.slice(open.next));
    else this.#pages.delete(number);
  }
}

/** Behind all that is due before it or with it, and behind what has run. */
function insert(page: Entry[], entry: Entry, from: number): void {
  let [low, high] = [from, page.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((page[middle]?.at ?? 0) <= entry.at) low = middle + 1;
    else high = middle;
  }
  page.splice(low, 0, entry);
}
