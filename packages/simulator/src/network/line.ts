import type { Millis } from '@freshet/protocol';
import type { QueueMeter } from './queue-meter.ts';

/** A full packet of a data channel, in bytes on the wire. A modem queues a few of them, however slow its line. */
export const PACKET_BYTES = 1267;
const LEAST_QUEUE_PACKETS = 4;

/**
 * One direction of a line as arithmetic: packets leave at its rate, one after another, and packets that find no room in
 * the queue are lost. Waiting needs no event. Trains of packets must be put in in the order of their ends.
 */
export class Line {
  readonly bytesPerMs: number;
  readonly #queueMs: Millis;
  readonly #meter: QueueMeter | undefined;
  #freeAt: Millis = 0;
  /** The bytes that have passed, including headers. */
  bytes = 0;
  droppedPackets = 0;

  /**
   * @param queueMs the size of the queue, as time at the line's rate; unlimited by default
   * @param meter records how long packets wait
   */
  constructor(kbps: number, queueMs: Millis = Number.POSITIVE_INFINITY, meter?: QueueMeter) {
    this.bytesPerMs = kbps / 8;
    this.#queueMs = Math.max(queueMs, (LEAST_QUEUE_PACKETS * PACKET_BYTES) / this.bytesPerMs);
    this.#meter = meter;
  }

  /** The time at which the last packet that was put in, and not lost, leaves. */
  get freeAt(): Millis {
    return this.#freeAt;
  }

  /** A packet that is put in now leaves this much later than on an idle line. */
  backlogMs(now: Millis): Millis {
    return Math.max(0, this.#freeAt - now);
  }

  /**
   * Puts in one packet.
   * @returns whether it found room.
   */
  putOne(bytes: number, now: Millis): boolean {
    const freeAt = Math.max(now, this.#freeAt) + bytes / this.bytesPerMs;
    if (freeAt - now > this.#queueMs) {
      this.droppedPackets++;
      return false;
    }
    this.bytes += bytes;
    this.#freeAt = freeAt;
    this.#meter?.add(1, freeAt - now, freeAt - now);
    return true;
  }

  /**
   * Puts in packets of `bytes` in total. The first arrives at `firstAt` and the last at `lastAt`, evenly spread. Those
   * that are not lost have left at `freeAt`.
   * @returns the number of lost packets.
   */
  put(bytes: number, packets: number, firstAt: Millis, lastAt: Millis = firstAt): number {
    const each = bytes / packets;
    const { bytesPerMs } = this;
    const start = Math.max(firstAt, this.#freeAt);
    const freeAt = Math.max(start + bytes / bytesPerMs, lastAt + each / bytesPerMs);
    const excessMs = freeAt - lastAt - this.#queueMs;
    const lost = excessMs <= 0 ? 0 : Math.min(packets, Math.ceil((excessMs * bytesPerMs) / each - 1e-9));
    const passed = packets - lost;
    this.droppedPackets += lost;
    if (passed === 0) return lost;
    this.bytes += passed * each;
    this.#freeAt = freeAt - (lost * each) / bytesPerMs;
    this.#meter?.add(passed, start + each / bytesPerMs - firstAt, this.#freeAt - lastAt);
    return lost;
  }
}
