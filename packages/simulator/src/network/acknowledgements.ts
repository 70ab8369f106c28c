import type { Millis } from '@freshet/protocol';
import type { Route } from './flow.ts';
import type { Line } from './line.ts';
import type { Burst } from './message.ts';
import type { Transport } from './transport.ts';

/** An acknowledgement on its way back to the sender. */
interface Acknowledgement {
  at: Millis;
  readonly burst: Burst;
  readonly packets: number;
  /** The number of acknowledgements that this stands for. */
  readonly acks: number;
  readonly isAgain: boolean;
}

/**
 * The acknowledgements of one flow on their way back. They occupy the receiver's uplink, one for two packets, and take
 * time, but no event. None of them is lost, because a later one carries the same information.
 */
export class Acknowledgements {
  readonly #up: Line;
  readonly #down: Line;
  readonly #wayMs: Millis;
  readonly #bytes: number;
  readonly #delayMs: Millis;
  readonly #isFine: boolean;
  readonly #coming: Acknowledgement[] = [];
  #owed = 0;
  /** The acknowledgement of a single packet, delayed until another packet arrives. */
  #delayed: Acknowledgement | undefined;

  constructor({ from, to, wayMs, jitterMs }: Route, { ackBytes, delayedAckMs }: Transport, isFine: boolean) {
    this.#up = to.up;
    this.#down = from.down;
    this.#wayMs = wayMs + jitterMs / 2;
    this.#bytes = ackBytes;
    this.#delayMs = delayedAckMs;
    this.#isFine = isFine;
  }

  get nextAt(): Millis | undefined {
    return this.#coming[0]?.at;
  }

  /** Removes and returns the first acknowledgement that has arrived. */
  take(now: Millis): Acknowledgement | undefined {
    const first = this.#coming[0];
    if (first === undefined || first.at > now) return undefined;
    if (first === this.#delayed) this.#delayed = undefined;
    return this.#coming.shift();
  }

  /** A packet arrived whose acknowledgement no sender waits for. */
  oweSmall(now: Millis): void {
    if (++this.#owed < 2) return;
    this.#owed -= 2;
    this.#up.putOne(this.#bytes, now);
    if (this.#delayed === undefined) return;
    this.#delayed.at = Math.min(this.#delayed.at, this.#back(now));
    this.#delayed = undefined;
  }

  /**
   * Packets arrived.
   * @param isUrgent something is missing: they are acknowledged at once
   */
  owe(burst: Burst, packets: number, isAgain: boolean, isUrgent: boolean, now: Millis): void {
    this.#owed += packets;
    const acks = isUrgent ? Math.ceil(this.#owed / 2) : Math.floor(this.#owed / 2);
    this.#owed = Math.max(0, this.#owed - 2 * acks);
    if (acks > 0) this.#up.put(acks * this.#bytes, acks, now);
    const isDelayed = this.#isFine && acks === 0;
    const at = this.#back(now);
    const isSecond = this.#delayed !== undefined;
    if (!isDelayed) {
      if (this.#delayed !== undefined) this.#delayed.at = Math.min(this.#delayed.at, at);
      this.#delayed = undefined;
    }
    const last = this.#coming.at(-1);
    const ack = {
      at: Math.max(last?.at ?? 0, at) + (isDelayed ? this.#delayMs : 0),
      burst,
      packets,
      // One acknowledgement covers two packets. It is counted with the first, so the second counts none.
      acks: isSecond ? 0 : Math.max(1, acks),
      isAgain,
    };
    if (isDelayed) this.#delayed = ack;
    this.#coming.push(ack);
  }

  #back(now: Millis): Millis {
    return now + this.#up.backlogMs(now) + this.#wayMs + this.#down.backlogMs(now);
  }
}
