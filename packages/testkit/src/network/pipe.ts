import type { VirtualClock } from '@freshet/simulator';

interface Load {
  readonly bytes: number;
  readonly isWanted: () => boolean;
  readonly left: () => void;
}

/** A line with a rate: loads leave it one after another. A viewer's uplink is one, shared by all its links. */
export class Pipe {
  readonly #clock: VirtualClock;
  readonly #queue: Load[] = [];
  #bytesPerMs: number;
  #busy = false;

  constructor(clock: VirtualClock, bytesPerMs: number) {
    this.#clock = clock;
    this.#bytesPerMs = bytesPerMs;
  }

  get isIdle(): boolean {
    return !this.#busy;
  }

  /** Takes effect with the next load. */
  setRate(bytesPerMs: number): void {
    this.#bytesPerMs = bytesPerMs;
  }

  /**
   * @param isWanted called when its turn comes: an unwanted load takes no time.
   * @param left called when the last byte has left.
   */
  put(bytes: number, isWanted: () => boolean, left: () => void): void {
    this.#queue.push({ bytes, isWanted, left });
    this.#next();
  }

  #next(): void {
    if (this.#busy) return;
    let load = this.#queue.shift();
    while (load !== undefined && !load.isWanted()) load = this.#queue.shift();
    if (load === undefined) return;
    const { bytes, left } = load;
    this.#busy = true;
    this.#clock.after(bytes / this.#bytesPerMs, () => {
      this.#busy = false;
      left();
      this.#next();
    });
  }
}
