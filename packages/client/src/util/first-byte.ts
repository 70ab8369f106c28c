const IMPATIENT_MS = 3000;
const PATIENT_MS = 8000;

/**
 * The time to wait for the first byte of a response. A line that was cut for seconds answers a new request sooner than
 * the old one, which TCP repeats more and more rarely. After a time-out the wait is longer, up to the next response, for
 * lines on which none comes in time.
 */
export class FirstByteLimit {
  ms = IMPATIENT_MS;

  ended(timedOut: boolean): void {
    this.ms = timedOut ? PATIENT_MS : IMPATIENT_MS;
  }
}
