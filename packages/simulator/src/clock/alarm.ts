import type { Millis } from '@freshet/protocol';
import { Entry } from './virtual-clock.ts';

/** The owner of a series of alarms. They are so frequent that a function for each would cost more than its work. */
export interface Sleeper {
  /** The owner ignores an alarm that it has replaced or dropped since. */
  rang(alarm: Alarm): void;
}

/** An appointment that its owner cancels by dropping it. */
export class Alarm extends Entry {
  readonly at: Millis;
  readonly #sleeper: Sleeper;

  constructor(sleeper: Sleeper, at: Millis) {
    super();
    this.#sleeper = sleeper;
    this.at = at;
  }

  override run(): void {
    this.#sleeper.rang(this);
  }
}
