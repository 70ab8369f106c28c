/** A set from which a random item can be drawn in one step. */
export class Bag<T> {
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();

  get size(): number {
    return this.#items.length;
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#items[Symbol.iterator]();
  }

  has(item: T): boolean {
    return this.#places.has(item);
  }

  add(item: T): void {
    if (this.#places.has(item)) return;
    this.#places.set(item, this.#items.length);
    this.#items.push(item);
  }

  /** The last item moves into the place of the deleted one. */
  delete(item: T): void {
    const place = this.#places.get(item);
    const last = this.#items.pop();
    if (place === undefined || last === undefined) {
      if (last !== undefined) this.#items.push(last);
      return;
    }
    this.#places.delete(item);
    if (last === item) return;
    this.#items[place] = last;
    this.#places.set(last, place);
  }

  /** @param chance in [0, 1). @returns undefined when empty. */
  draw(chance: number): T | undefined {
    return this.#items[Math.floor(chance * this.#items.length)];
  }
}
