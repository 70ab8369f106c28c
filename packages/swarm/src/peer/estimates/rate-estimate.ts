/** An exponentially weighted mean of samples, in the unit of the samples. */
export class RateEstimate {
  #value: number;
  readonly #weight: number;
  readonly #floor: number;

  /** @param weight of a new sample, 0 to 1. @param floor the lowest estimate: callers divide by it. */
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

  /** Sets the value: the first sample, when the initial value was only a guess. */
  restart(value: number): void {
    this.#value = Math.max(this.#floor, value);
  }

  /** A timeout gives no sample: expect half from now on. */
  halve(): void {
    this.#value = Math.max(this.#floor, this.#value / 2);
  }
}
