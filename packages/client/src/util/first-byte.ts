const IMPATIENT_MS = 3000;
const PATIENT_MS = 8000;

/**
 * The time to wait for the first byte of a response. A line that was cut for seconds answers a new request sooner than
 * the old one, which TCP repeats more and more rarely. After a time-out the wait is longer, up to the next response, for
 * lines on which none comes in time.
 */
export class FirstByteLimit {
  #ms = IMPATIENT_MS;

  get ms(): number {
    return this.#ms;
  }

  timedOut(): void {
    this.#ms = PATIENT_MS;
  }

  answered(): void {
    this.#ms = IMPATIENT_MS;
  }
}
