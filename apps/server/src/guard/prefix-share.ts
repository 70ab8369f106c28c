/** The limit of all prefixes together is reached, or this prefix has its share. */
export type Shortage = 'whole' | 'prefix';

/** Gives the place back. Further calls have no effect. */
export type Release = () => void;

/**
 * A prefix may have this many times as many places as are still free. Alone it therefore gets four fifths of the limit,
 * as much as it wants up to there; the free fifth is shared by the same rule. This is the dynamic threshold of Choudhury
 * and Hahne (1998), made for queues that share a switch's memory: a fixed share would starve an office or a carrier's
 * NAT while places are free.
 */
const FACTOR = 4;

/** Divides a limited number of places, for example of sockets, among address prefixes. */
export class PrefixShare {
  readonly #limit: number;
  readonly #onRefused: (shortage: Shortage) => void;
  /** Only prefixes with places, so never more than the limit. */
  readonly #taken = new Map<string, number>();
  #sum = 0;

  constructor(limit: number, onRefused: (shortage: Shortage) => void = () => undefined) {
    this.#limit = limit;
    this.#onRefused = onRefused;
  }

  /** Places taken by all prefixes. */
  get taken(): number {
    return this.#sum;
  }

  /** @returns undefined, after `onRefused`, if there is no place for this prefix */
  take(prefix: string): Release | undefined {
    if (!this.has(prefix)) return undefined;
    this.#change(prefix, 1);
    let held = true;
    return () => {
      if (held) this.#change(prefix, -1);
      held = false;
    };
  }

  /** Whether a place could be taken. Calls `onRefused` if not. */
  has(prefix: string): boolean {
    const shortage = this.shortage(prefix);
    if (shortage !== undefined) this.#onRefused(shortage);
    return shortage === undefined;
  }

  /** Why no place could be taken; undefined if one could. */
  shortage(prefix: string): Shortage | undefined {
    const free = this.#limit - this.#sum;
    if (free <= 0) return 'whole';
    return (this.#taken.get(prefix) ?? 0) <= FACTOR * free ? undefined : 'prefix';
  }

  #change(prefix: string, by: number): void {
    const taken = (this.#taken.get(prefix) ?? 0) + by;
    this.#sum += by;
    if (taken === 0) this.#taken.delete(prefix);
    else this.#taken.set(prefix, taken);
  }
}
