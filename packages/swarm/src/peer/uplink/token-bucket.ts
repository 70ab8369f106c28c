import type { Millis } from '@freshet/protocol';

/** Limits a mean rate but allows short bursts. Goes into debt by at most one grant. */
export class TokenBucket {
  #rate: number;
  #burst: number;
  #tokens: number;
  #at: Millis;

  /** @param rate tokens a millisecond. @param burst tokens that can be taken at once after a pause. */
  constructor(rate: number, burst: number, now: Millis) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  setRate(rate: number, burst: number, now: Millis): void {
    this.#refill(now);
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = Math.min(this.#tokens, burst);
  }

  /** Whether any token is left. */
  canTake(now: Millis): boolean {
    this.#refill(now);
    return this.#tokens > 0;
  }

  /** Takes `amount` if any token is left; a large grant is paid back before the next. */
  take(amount: number, now: Millis): boolean {
    if (!this.canTake(now)) return false;
    this.#tokens -= amount;
    return true;
  }

  /** When `take` will next succeed; Infinity at rate 0. */
  availableAt(now: Millis): Millis {
    this.#refill(now);
    if (this.#tokens > 0) return now;
    return this.#rate > 0 ? now + Math.ceil(-this.#tokens / this.#rate) + 1 : Number.POSITIVE_INFINITY;
  }

  /** Milliseconds until `amount` more tokens, and the debt, are available. */
  delayFor(amount: number, now: Millis): Millis {
    this.#refill(now);
    const short = amount - this.#tokens;
    if (short <= 0) return 0;
    return this.#rate > 0 ? short / this.#rate : Number.POSITIVE_INFINITY;
  }

  #refill(now: Millis): void {
    if (now <= this.#at) return;
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#rate);
    this.#at = now;
  }
}
