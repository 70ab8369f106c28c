import type { Millis } from '@freshet/protocol';
import { Entry } from './virtual-clock.ts';

/** Who sets one alarm after another, so often that a function for each would cost more than what it does. */
export interface Sleeper {
  /** Whoever has set another one since, or none, takes no notice. */
  rang(alarm: Alarm): void;
}

/** An appointment that is called off by being forgotten. */
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
