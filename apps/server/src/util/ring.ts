/** Keeps the newest `capacity` things, oldest first. */
export class Ring<Thing> {
  readonly #capacity: number;
  readonly #things: Thing[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(thing: Thing): void {
    this.#things[this.#next] = thing;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  all(): Thing[] {
    if (this.#things.length < this.#capacity) return [...this.#things];
    return [...this.#things.slice(this.#next), ...this.#things.slice(0, this.#next)];
  }
}
