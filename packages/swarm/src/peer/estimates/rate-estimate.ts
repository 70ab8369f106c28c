/** An exponentially weighted mean of samples, in whatever unit they come. */
export class RateEstimate {
  #value: number;
  readonly #weight: number;
  readonly #floor: number;

  /** @param weight of a new sample, 0 to 1. @param floor what the estimate never falls below: it divides. */
  constructor(initial: number, weight: number, floor: number) {
    this.#value = initial;
    this.#weight = weight;
    this.#floor = floor;
  }

  get value(): number {
    return this.#value;
  }

  sample(value: number): void {
    this.#value = Math.max(this.#floor, this.#value + this.#weight * (value - this.#value));
  }

  /** Takes `value` as it is: the first sample, where the initial value was only a guess. */
  restart(value: number): void {
    this.#value = Math.max(this.#floor, value);
  }

  /** A disappointment that gives no sample: half is expected from now on. */
  halve(): void {
    this.#value = Math.max(this.#floor, this.#value / 2);
  }
}
