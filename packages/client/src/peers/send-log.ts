import { setBounded } from '@freshet/protocol';

/** Frames that are remembered. Feedback on an older one arrives too late to be useful. */
const MAX_FRAMES = 2048;

export interface Sent {
  /** Bytes of pieces that had left by then, this frame included. */
  readonly sentBytes: number;
  readonly run: number;
  /** How long the frame waited in its channel; 0 until that is known. */
  heldMs: number;
}

/** Records what had left by each frame's time stamp, since a neighbour's feedback names one of them. */
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

  /** There was nothing to send: a new run begins. */
  pause(): void {
    this.#run++;
  }

  at(ticks: number): Sent | undefined {
    return this.#frames.get(ticks);
  }
}
