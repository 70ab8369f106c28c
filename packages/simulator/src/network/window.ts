import type { Millis } from '@freshet/protocol';
import type { Transport } from './transport.ts';

/** The largest window that a receiver announces. */
const MOST_BYTES = 5_000_000;
/** The weights of the round-trip estimate, from RFC 6298, and the least variance that dcSCTP assumes. */
const WEIGHT = 1 / 8;
const VARIANCE_WEIGHT = 1 / 4;
const LEAST_VARIANCE_MS = 220;

/**
 * A sender's congestion window (RFC 4960, section 7.2; RFC 5681): the bytes that may be on their way unacknowledged. It
 * grows only while it is the limit.
 */
export class Window {
  readonly #transport: Transport;
  #bytes: number;
  #threshold = MOST_BYTES;
  #inFlight = 0;
  /** The bytes acknowledged since the window last grew, once it grows slowly. */
  #acknowledged = 0;
  #roundTripMs: Millis | undefined;
  #varianceMs: Millis = 0;
  #usedAt: Millis = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.#bytes = transport.initialWindow;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** The bytes that may be sent now. */
  get room(): number {
    return Math.max(0, this.#bytes - this.#inFlight);
  }

  /** Bytes without an acknowledgement for this long count as lost. */
  get timeoutMs(): Millis {
    if (this.#roundTripMs === undefined) return this.#transport.firstTimeoutMs;
    const variance = Math.max(4 * this.#varianceMs, LEAST_VARIANCE_MS);
    return Math.max(this.#transport.leastTimeoutMs, this.#roundTripMs + variance);
  }

  sent(bytes: number, now: Millis): void {
    const idleMs = now - this.#usedAt;
    if (this.#transport.forgetsWhenIdle && this.#inFlight === 0 && idleMs > this.timeoutMs)
      this.#bytes = Math.min(this.#bytes, this.#transport.initialWindow);
    this.#usedAt = now;
    this.#inFlight += bytes;
  }

  /**
   * @param acks the number of acknowledgements; they may have come as one
   * @param grows whether these bytes were sent after the last loss was detected
   * @param waitMs the time that the first of these bytes waited on their way
   */
  acknowledged(bytes: number, acks: number, grows: boolean, waitMs: Millis): void {
    const { segmentBytes, growthPerAck, delayBoundMs } = this.#transport;
    if (waitMs > delayBoundMs) this.#threshold = Math.min(this.#threshold, this.#bytes - 1);
    const isLimit = this.#inFlight + segmentBytes >= this.#bytes;
    this.#inFlight = Math.max(0, this.#inFlight - bytes);
    if (this.#bytes <= this.#threshold) {
      if (isLimit && grows) this.#grow(Math.min(bytes, acks * growthPerAck));
      return;
    }
    this.#acknowledged += bytes;
    if (this.#acknowledged < this.#bytes || !isLimit) return;
    this.#acknowledged -= this.#bytes;
    this.#grow(segmentBytes);
  }

  measured(roundTripMs: Millis): void {
    if (this.#roundTripMs === undefined) {
      this.#roundTripMs = roundTripMs;
      this.#varianceMs = roundTripMs / 2;
      return;
    }
    const off = roundTripMs - this.#roundTripMs;
    this.#varianceMs += VARIANCE_WEIGHT * (Math.abs(off) - this.#varianceMs);
    this.#roundTripMs += WEIGHT * off;
  }

  /** To be called when bytes in flight were lost, once for all of them. */
  shrink(): void {
    const { lossFactor, leastWindow } = this.#transport;
    this.#threshold = Math.max(leastWindow, this.#bytes * lossFactor);
    this.#bytes = this.#threshold;
    this.#acknowledged = 0;
  }

  /** To be called when the timeout has passed. */
  collapse(): void {
    this.shrink();
    this.#bytes = this.#transport.segmentBytes;
  }

  #grow(bytes: number): void {
    this.#bytes = Math.min(MOST_BYTES, this.#bytes + bytes);
  }
}
