import type { Millis } from '@freshet/protocol';
import { Page } from './page.ts';

/** An action at a future time, unless it is cancelled. */
export interface Appointment {
  cancel(): void;
}

/** The action of an appointment. An object that makes many appointments, one after another, can be its own entry. */
export abstract class Entry {
  abstract run(): void;
}

class Call extends Entry implements Appointment {
  #call: (() => void) | undefined;

  constructor(call: () => void) {
    super();
    this.#call = call;
  }

  override run(): void {
    this.#call?.();
  }

  cancel(): void {
    this.#call = undefined;
  }
}

/** A page is sorted when its time comes. With few entries on each page this is cheap for any number of appointments. */
const PAGES_PER_MS = 16;
/**
 * Pages that are found by index: those of the next two seconds, in which nearly all appointments are. A power of two.
 */
const NEAR_PAGES = 32_768;
/** Empty pages that are kept for reuse. */
const MAX_SPARE_PAGES = 1024;

/**
 * Time that advances only on request, and then from one appointment to the next. Appointments of the same time run in
 * the order in which they were made, so that a run repeats exactly.
 *
 * A calendar of short pages: with a hundred thousand appointments, one heap spends more on its order than the simulated
 * viewers spend on their decisions.
 */
export class VirtualClock {
  readonly #near: (Page | undefined)[] = Array.from({ length: NEAR_PAGES }, () => undefined);
  readonly #far = new Map<number, Page>();
  readonly #spare: Page[] = [];
  #now: Millis = 0;
  /** The number of the current page, and the page itself while its entries run. */
  #number = 0;
  #open: Page | undefined;
  #pending = 0;

  get now(): Millis {
    return this.#now;
  }

  /** A time in the past means now, after the appointments that are already due. */
  at(time: Millis, run: () => void): Appointment {
    const call = new Call(run);
    this.enter(call, time);
    return call;
  }

  after(delay: Millis, run: () => void): Appointment {
    return this.at(this.#now + delay, run);
  }

  /** As `at`, for an entry that has no appointment yet. */
  enter(entry: Entry, time: Millis): void {
    if (!Number.isFinite(time)) throw new RangeError(`an appointment at ${time}`);
    this.#pending++;
    const at = Math.max(time, this.#now);
    const number = Math.floor(at * PAGES_PER_MS);
    if (this.#open !== undefined && number === this.#number) {
      this.#open.insert(entry, at);
      return;
    }
    this.#page(number).add(entry, at);
  }

  /** Runs everything that is due up to and including `end`. */
  runUntil(end: Millis): void {
    const last = Math.floor(end * PAGES_PER_MS);
    for (; this.#number <= last && this.#pending > 0; this.#number++) {
      const place = this.#number % NEAR_PAGES;
      const page = this.#withFar(this.#near[place]);
      if (page === undefined) continue;
      this.#near[place] = undefined;
      page.sort();
      this.#run(page, end);
      if (page.isEmpty) {
        if (this.#spare.length < MAX_SPARE_PAGES) this.#spare.push(page);
        continue;
      }
      this.#near[place] = page;
      break;
    }
    this.#now = Math.max(this.#now, end);
    this.#number = Math.floor(this.#now * PAGES_PER_MS);
  }

  #run(page: Page, end: Millis): void {
    this.#open = page;
    for (let at = page.nextAt; at <= end; at = page.nextAt) {
      this.#now = at;
      this.#pending--;
      page.take().run();
    }
    this.#open = undefined;
  }

  #page(number: number): Page {
    const place = number % NEAR_PAGES;
    const isNear = number - this.#number < NEAR_PAGES;
    let page = isNear ? this.#near[place] : this.#far.get(number);
    if (page !== undefined) return page;
    page = this.#spare.pop() ?? new Page();
    if (isNear) this.#near[place] = page;
    else this.#far.set(number, page);
    return page;
  }

  /** Merges the entries that were made while this page was far away. They were made first and therefore come first. */
  #withFar(near: Page | undefined): Page | undefined {
    const far = this.#far.size > 0 ? this.#far.get(this.#number) : undefined;
    if (far === undefined) return near;
    this.#far.delete(this.#number);
    if (near !== undefined) far.addAll(near);
    return far;
  }
}
