import type { Millis } from '@freshet/protocol';
import type { ObservedViewer } from '../lab/lab-observer.ts';

/** Breaches that a checker keeps. The first one explains a failure. */
const MAX_BREACHES = 20;

/** A LabObserver that detects breaches of one family of rules, in any scenario. */
export abstract class Checker {
  readonly breaches: string[] = [];

  /** Checks what can only be judged at the end of a run. */
  finish?(now: Millis): void;

  protected breach(viewer: ObservedViewer, now: Millis, what: string): void {
    if (this.breaches.length < MAX_BREACHES)
      this.breaches.push(`${now.toFixed(0)} ms, ${viewer.id}: ${what}`);
  }
}

/** A value for each viewer, made on first use. */
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
