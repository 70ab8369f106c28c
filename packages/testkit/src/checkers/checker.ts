import type { Millis } from '@freshet/protocol';
import type { ObservedViewer } from '../lab/lab-observer.ts';

/** A checker that found this much says no more: the first breach tells the story. */
const MAX_BREACHES = 20;

/** A LabObserver that watches for breaches of one family of rules, whatever the scenario. */
export abstract class Checker {
  readonly breaches: string[] = [];

  /** What can only be judged at the end of a run. */
  finish?(now: Millis): void;

  protected breach(viewer: ObservedViewer, now: Millis, what: string): void {
    if (this.breaches.length < MAX_BREACHES)
      this.breaches.push(`${now.toFixed(0)} ms, ${viewer.id}: ${what}`);
  }
}

/** A value for each viewer, made when it is first asked for. */
export class PerViewer<T> {
  readonly #values = new Map<ObservedViewer, T>();
  readonly #make: () => T;

  constructor(make: () => T) {
    this.#make = make;
  }

  of(viewer: ObservedViewer): T {
    let value = this.#values.get(viewer);
    if (value === undefined) this.#values.set(viewer, (value = this.#make()));
    return value;
  }

  delete(viewer: ObservedViewer): void {
    this.#values.delete(viewer);
  }

  [Symbol.iterator](): IterableIterator<[ObservedViewer, T]> {
    return this.#values.entries();
  }
}
