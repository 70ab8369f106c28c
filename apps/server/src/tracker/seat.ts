import type { Budgets } from '../guard/budgets.ts';
import type { Release } from '../guard/prefix-share.ts';

/**
 * The place of one connection: among those that have not joined, or among the viewers. The two do not take places from
 * each other, so that connections that never join cannot keep viewers out.
 */
export class Seat {
  readonly prefix: string;
  readonly #budgets: Budgets;
  #release: Release | undefined;

  constructor(budgets: Budgets, prefix: string) {
    this.#budgets = budgets;
    this.prefix = prefix;
  }

  /** Takes a place among the connections that have not joined. @returns false if there is none */
  waits(): boolean {
    this.free();
    this.#release = this.#budgets.sockets.take(this.prefix);
    return this.#release !== undefined;
  }

  /** Takes a place among the viewers. @returns false if there is none: it keeps the place that it has */
  joins(): boolean {
    const place = this.#budgets.viewers.take(this.prefix);
    if (place === undefined) return false;
    this.free();
    this.#release = place;
    return true;
  }

  free(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
