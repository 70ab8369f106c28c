import type { Millis } from '@freshet/protocol';
import type { Route } from './flow.ts';
import type { Line } from './line.ts';
import type { Burst } from './message.ts';
import type { Transport } from './transport.ts';

/** What a sender is told, once it is back there. */
interface Acknowledgement {
  at: Millis;
  readonly burst: Burst;
  readonly packets: number;
  /** How many of them said so. */
  readonly acks: number;
  readonly isAgain: boolean;
}

/**
 * The acknowledgements of one flow on their way back: they take their place on the receiver's uplink, one for two
 * packets, and time, but no event. None of them is lost, since a later one says the same.
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
  /** Of a single packet, until another comes. */
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

  /** @returns the first that is there, once. */
  take(now: Millis): Acknowledgement | undefined {
    const first = this.#coming[0];
    if (first === undefined || first.at > now) return undefined;
    if (first === this.#delayed) this.#delayed = undefined;
    return this.#coming.shift();
  }

  /** A packet came that nobody waits for an acknowledgement of. */
  oweSmall(now: Millis): void {
    if (++this.#owed < 2) return;
    this.#owed -= 2;
    this.#up.putOne(this.#bytes, now);
    if (this.#delayed === undefined) return;
    this.#delayed.at = Math.min(this.#delayed.at, this.#back(now));
    this.#delayed = undefined;
  }

  /** Packets came. @param isUrgent something is missing: the sender is told at once */
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
      // The first of the two that one acknowledges is told of with it, the second comes for nothing.
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
