import { contentHash, type StoredInit } from './stored-segment.ts';

/** The init segments of one rendition. One leaves when no entry refers to it and another one has arrived. */
export class InitSegments {
  readonly #resized: (bytes: number) => void;
  readonly #byHash = new Map<string, StoredInit>();
  /** Kept although no entry needs it yet. */
  #newest: StoredInit | undefined;

  /** @param resized called when bytes arrive (positive) or leave (negative) */
  constructor(resized: (bytes: number) => void) {
    this.#resized = resized;
  }

  get(epoch: number, hash: string): StoredInit | undefined {
    const init = this.#byHash.get(hash);
    return init?.epoch === epoch ? init : undefined;
  }

  /** The held init segment with these bytes, of any epoch. */
  find(data: Buffer): StoredInit | undefined {
    return this.#byHash.get(contentHash(data));
  }

  /** Adds the newest one, which no entry needs yet. */
  add(init: StoredInit): void {
    this.hold(init);
    this.#newest = init;
  }

  /** Adds one again that an entry needs: another may have arrived, and made it leave, before the entry. */
  hold(init: StoredInit): void {
    if (this.#byHash.has(init.hash)) return;
    this.#byHash.set(init.hash, init);
    this.#resized(init.data.length);
  }

  /** @param used those that entries refer to */
  dropUnused(used: ReadonlySet<StoredInit | undefined>): void {
    for (const init of this.#byHash.values()) {
      if (init === this.#newest || used.has(init)) continue;
      this.#byHash.delete(init.hash);
      this.#resized(-init.data.length);
    }
  }
}
