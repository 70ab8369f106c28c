import type { VirtualClock } from '@freshet/simulator';
import type { Feedback } from '@freshet/swarm';
import { Pipe } from './pipe.ts';

/** A pause of this length with nothing to send ends a run, as in the client's pacer. */
const PAUSE_MS = 30;
const FIRST_PACE = 32;

/** The time at which a frame left the pacer, and the bytes that had left by then. */
export type Stamp = Pick<Feedback, 'sentAt' | 'sentBytes' | 'run'>;

/** A viewer's uplink: frames first wait for the pace, and then for the line. */
export class PacedUplink {
  readonly #clock: VirtualClock;
  readonly #pacer: Pipe;
  readonly #line: Pipe;
  #sentBytes = 0;
  #run = 0;
  #at = 0;

  constructor(clock: VirtualClock, bytesPerMs: number) {
    this.#clock = clock;
    this.#pacer = new Pipe(clock, FIRST_PACE);
    this.#line = new Pipe(clock, bytesPerMs);
  }

  set pace(bytesPerMs: number) {
    this.#pacer.setRate(bytesPerMs);
  }

  /**
   * @param isWanted called when its turn comes.
   * @param left called when it has left the line.
   */
  put(bytes: number, isWanted: () => boolean, left: (stamp: Stamp) => void): void {
    if (this.#pacer.isIdle && this.#clock.now - this.#at > PAUSE_MS) this.#run++;
    this.#pacer.put(bytes, isWanted, () => {
      const { now } = this.#clock;
      this.#at = now;
      this.#sentBytes += bytes;
      const stamp = { sentAt: now, sentBytes: this.#sentBytes, run: this.#run };
      this.#line.put(
        bytes,
        () => true,
        () => {
          left(stamp);
        },
      );
    });
  }
}
