import { setBounded } from '../util/bounded-map.ts';

/** Frames remembered. Feedback on an older one comes too late to be of use. */
const MAX_FRAMES = 2048;

export interface Sent {
  /** Bytes of pieces that had left by then, with that frame. */
  readonly sentBytes: number;
  readonly run: number;
  /** How long it waited in its channel, as soon as that is known. */
  heldMs: number;
}

/** What had left when, by the time stamps in the frames: a neighbour's feedback names one of them. */
export class SendLog {
  readonly #frames = new Map<number, Sent>();
  #sentBytes = 0;
  #run = 0;

  /** Frames of one tick, on one link or on several, count together: by that time all of them had left. */
  sent(ticks: number, bytes: number): Sent {
    this.#sentBytes += bytes;
    const sent = { heldMs: 0, ...this.#frames.get(ticks), sentBytes: this.#sentBytes, run: this.#run };
    setBounded(this.#frames, ticks, sent, MAX_FRAMES);
    return sent;
  }

  /** There was nothing to send. */
  pause(): void {
    this.#run++;
  }

  at(ticks: number): Sent | undefined {
    return this.#frames.get(ticks);
  }
}
