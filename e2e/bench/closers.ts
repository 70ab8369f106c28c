/** What a run has started. It is closed in reverse order, also after a failure. */
export class Closers {
  readonly #closers: (() => unknown)[] = [];

  /** @returns the part, which `close` will close */
  add<T>(part: T, close: (part: T) => unknown): T {
    this.#closers.unshift(() => close(part));
    return part;
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close();
  }
}
