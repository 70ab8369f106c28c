/** A queue in which each prefix gets its turn: of many waiting for one, the next waits until each other had one. */
export class FairQueue<Item> {
  /** Only prefixes that wait. The one whose turn is next comes first. */
  readonly #waiting = new Map<string, Item[]>();

  push(prefix: string, item: Item): void {
    const items = this.#waiting.get(prefix);
    if (items === undefined) this.#waiting.set(prefix, [item]);
    else items.push(item);
  }

  shift(): Item | undefined {
    const next = this.#waiting.entries().next();
    if (next.done === true) return undefined;
    const [prefix, items] = next.value;
    const item = items.shift();
    this.#waiting.delete(prefix);
    if (items.length > 0) this.#waiting.set(prefix, items);
    return item;
  }
}
