import type { Millis } from '@freshet/protocol';
import { Entry } from '../clock/virtual-clock.ts';

/** What takes a burst that has come to a line, or through it. */
export interface Taker {
  /** @param message a burst of one small message, which needs no object of its own */
  smallArrived(message: Message): void;
  burstArrived(burst: Burst): void;
}

/** One message of an ordered channel, or a stretch of a response's body. */
export abstract class Message extends Entry {
  /** Its own headers included, those of packets not. */
  readonly bytes: number;
  unsent: number;
  /** The burst that carries its last byte; -1 until that was sent. */
  endsIn = -1;
  /** By how much the packet of it that waited least on the sender's line was ahead of the last one. */
  leadMs: Millis = 0;
  /** Where it is on its way, if it is a burst by itself: it is through the receiver's line when it comes the next time. */
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

  /** Bytes of it are put on the sender's line for the first time. */
  left?(bytes: number): void;

  /** All of it is there, and all that was sent before it. */
  abstract arrived(now: Millis): void;
}

/** Packets of a flow that are put on the line together. */
export class Burst extends Entry {
  readonly #taker: Taker;
  readonly number: number;
  readonly bytes: number;
  readonly packets: number;
  readonly sentAt: Millis;
  /** When the last of its packets comes to the receiver's line, and whether it has passed that. */
  arrivesAt: Millis = 0;
  isThrough = false;
  /** Its packets leave the sender's line over so long, and acknowledgements come back so. */
  spreadMs: Millis = 0;
  /** What the first packet of it waited for lines. */
  waitMs: Millis = 0;
  /** Packets that are on the way together. */
  coming = 0;
  /** Packets of it that were lost and have not come again. */
  missing = 0;
  /** Packets that came after those that miss, as far as the sender knows. */
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
