import type { Timer } from '../util/clock.ts';

/** A neighbour that takes nothing for this long is gone or stuck: the link is closed. */
const STUCK_MS = 10_000;
/**
 * Control frames are never held back, but a neighbour that does not read makes them pile up in the channel. At this
 * limit the link is closed; an honest neighbour is at most a few kilobytes behind.
 */
const MAX_BUFFERED_BYTES = 512 * 1024;

/** The members of RTCDataChannel that are used here. */
export interface SendChannel {
  readonly bufferedAmount: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
}

/**
 * The send queue of one link, which is the channel's own buffer. Control frames enter it at once. Bulk frames enter one
 * at a time, when the frame before has left: while they wait in the pacer, they can still be reordered and recalled.
 * This also shows how long a full congestion window held a frame up, which would otherwise look like a queue on the
 * line.
 */
export class SendQueue {
  readonly #channel: SendChannel;
  readonly #onDrained: () => void;
  readonly #onStuck: (why: string) => void;
  #watch: Timer | undefined;
  #watchedAmount = 0;
  #closed = false;

  constructor(channel: SendChannel, onDrained: () => void, onStuck: (why: string) => void) {
    this.#channel = channel;
    this.#onDrained = onDrained;
    this.#onStuck = onStuck;
  }

  /** Whether it takes a bulk frame now; if not, `onDrained` follows. */
  get isReady(): boolean {
    if (this.#closed) return false;
    if (this.#isEmpty) return true;
    this.#watchDrain();
    return false;
  }

  sendControl(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#closed) return;
    if (this.#channel.bufferedAmount > MAX_BUFFERED_BYTES) this.#onStuck('it does not read');
    else this.#channel.send(frame);
  }

  sendBulk(frame: Uint8Array<ArrayBuffer>): void {
    if (!this.#closed) this.#channel.send(frame);
  }

  /** The channel fired `bufferedamountlow`. */
  drained(): void {
    if (this.#closed) return;
    this.#unwatch();
    this.#onDrained();
  }

  close(): void {
    this.#closed = true;
    this.#unwatch();
  }

  get #isEmpty(): boolean {
    return this.#channel.bufferedAmount === 0;
  }

  #watchDrain(): void {
    if (this.#watch !== undefined) return;
    this.#watchedAmount = this.#channel.bufferedAmount;
    this.#watch = setTimeout(() => {
      this.#watch = undefined;
      // A slow channel is not stuck: the core measures slowness.
      if (this.#isEmpty) this.drained();
      else if (this.#channel.bufferedAmount < this.#watchedAmount) this.#watchDrain();
      else this.#onStuck(`it took nothing for ${STUCK_MS} ms`);
    }, STUCK_MS);
  }

  #unwatch(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
  }
}
