import type { Millis } from '@freshet/protocol';
import { Entry } from '../clock/virtual-clock.ts';

/** Receives a burst that has reached a line, or has passed it. */
export interface Taker {
  /** @param message a burst of one small message, which needs no object of its own */
  smallArrived(message: Message): void;
  burstArrived(burst: Burst): void;
}

/** One message of an ordered channel, or a section of a response's body. */
export abstract class Message extends Entry {
  /** Including its own headers, without those of packets. */
  readonly bytes: number;
  unsent: number;
  /** The burst that carries its last byte; -1 until that byte was sent. */
  endsIn = -1;
  /** The difference in waiting time on the sender's line between its last packet and the packet that waited least. */
  leadMs: Millis = 0;
  /** For a message that is a burst by itself: whether its next event is its exit from the receiver's line. */
  isThrough = false;
  taker: Taker | undefined;

  constructor(bytes: number) {
    super();
    this.bytes = bytes;
    this.unsent = bytes;
  }

  override run(): void {
    this.taker?.smallArrived(this);
  }

  /** Called when bytes of it are put on the sender's line for the first time. */
  left?(bytes: number): void;

  /** Called when all of it has arrived, and everything that was sent before it. */
  abstract arrived(now: Millis): void;
}

/** Packets of a flow that are put on the line together. */
export class Burst extends Entry {
  readonly #taker: Taker;
  readonly number: number;
  readonly bytes: number;
  readonly packets: number;
  readonly sentAt: Millis;
  /** The time at which its last packet reaches the receiver's line, and whether it has passed that line. */
  arrivesAt: Millis = 0;
  isThrough = false;
  /** The time over which its packets leave the sender's line, and over which its acknowledgements return. */
  spreadMs: Millis = 0;
  /** The time that its first packet waited for lines. */
  waitMs: Millis = 0;
  /** Packets that are on the way together. */
  coming = 0;
  /** Packets that were lost and have not arrived since. */
  missing = 0;
  /** Packets that arrived after the missing ones, as far as the sender knows. */
  overtaken = 0;
  resends = 0;

  constructor(taker: Taker, number: number, bytes: number, packets: number, sentAt: Millis) {
    super();
    this.#taker = taker;
    this.number = number;
    this.bytes = bytes;
    this.packets = packets;
    this.sentAt = sentAt;
  }

  override run(): void {
    this.#taker.burstArrived(this);
  }

  bytesOf(packets: number): number {
    return (this.bytes * packets) / this.packets;
  }
}
