import type { Millis } from '@freshet/protocol';

const SLOT_MS = 250;
const SLOTS = 8;

/**
 * The rate of bytes sent in the last two seconds. Eight counters, for any traffic. When time goes back, it starts over.
 */
export class EgressMeter {
  readonly #bytes = new Array<number>(SLOTS).fill(0);
  #newest = 0;

  add(bytes: number, now: Millis): void {
    this.#turn(now);
    const slot = this.#newest % SLOTS;
    this.#bytes[slot] = (this.#bytes[slot] ?? 0) + bytes;
  }

  /** Removes bytes that were added, and turned out not to be sent. Bytes that no longer count stay as they are. */
  takeBack(bytes: number, addedAt: Millis, now: Millis): void {
    this.#turn(now);
    const added = Math.floor(addedAt / SLOT_MS);
    if (added > this.#newest || this.#newest - added >= SLOTS) return;
    const slot = added % SLOTS;
    this.#bytes[slot] = Math.max(0, (this.#bytes[slot] ?? 0) - bytes);
  }

  /** Mean over the last two seconds. */
  bitsPerSecond(now: Millis): number {
    this.#turn(now);
    let sum = 0;
    for (const bytes of this.#bytes) sum += bytes;
    return (sum * 8 * 1000) / (SLOTS * SLOT_MS);
  }

  /** Empties the slots that elapsed since the last call. */
  #turn(now: Millis): void {
    const current = Math.floor(now / SLOT_MS);
    if (current < this.#newest || current - this.#newest >= SLOTS) this.#bytes.fill(0);
    else for (let slot = this.#newest + 1; slot <= current; slot++) this.#bytes[slot % SLOTS] = 0;
    this.#newest = current;
  }
}
