import { LIMITS } from '@freshet/protocol';
import type { Timer } from './clock.ts';

/** Waiting in the channel: at or below this it is fed again, and a piece counts as sent. */
export const LOW_WATERMARK_BYTES = 32 * 1024;
/** A neighbour that takes nothing for this long is gone or stuck: the link is closed. */
const STUCK_MS = 10_000;
/**
 * Control frames are never held back, but a neighbour that does not read makes them pile up in the channel. Here
 * the link is closed: an honest one is at most a few kilobytes behind.
 */
const MAX_BUFFERED_BYTES = 512 * 1024;

/** What the outlet needs of an RTCDataChannel. */
export interface OutletChannel {
  readonly bufferedAmount: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
}

interface Bulk<Tag> {
  readonly tag: Tag;
  readonly frames: Iterator<Uint8Array<ArrayBuffer>>;
  next: Uint8Array<ArrayBuffer>;
}

/**
 * The way out of one link. Control frames go at once; bulk is fed frame by frame as the channel drains, so that no
 * more than LIMITS.bulkBufferedBytes of it ever stand in the way of control.
 */
export class LinkOutlet<Tag> {
  readonly #channel: OutletChannel;
  readonly #onSent: (tag: Tag) => void;
  readonly #onStuck: (why: string) => void;
  /** The core hands over two pieces a link at a time, so that this stays short. */
  readonly #bulk: Bulk<Tag>[] = [];
  /** Wholly in the channel, which is not low yet. */
  readonly #leaving: Tag[] = [];
  #watch: Timer | undefined;
  #watchedAmount = 0;
  #closed = false;

  constructor(channel: OutletChannel, onSent: (tag: Tag) => void, onStuck: (why: string) => void) {
    this.#channel = channel;
    this.#onSent = onSent;
    this.#onStuck = onStuck;
  }

  sendControl(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#closed) return;
    if (this.#channel.bufferedAmount > MAX_BUFFERED_BYTES) this.#onStuck('it does not read');
    else this.#channel.send(frame);
  }

  sendBulk(tag: Tag, frames: Iterable<Uint8Array<ArrayBuffer>>): void {
    if (this.#closed) return;
    const iterator = frames[Symbol.iterator]();
    const first = iterator.next();
    if (first.done !== true) this.#bulk.push({ tag, frames: iterator, next: first.value });
    this.#feed();
  }

  /** The channel fired `bufferedamountlow`. */
  drained(): void {
    if (this.#closed) return;
    this.#unwatch();
    this.#feed();
  }

  close(): void {
    this.#closed = true;
    this.#bulk.length = 0;
    this.#leaving.length = 0;
    this.#unwatch();
  }

  #feed(): void {
    for (let bulk = this.#bulk[0]; bulk !== undefined; bulk = this.#bulk[0]) {
      if (this.#channel.bufferedAmount + bulk.next.length > LIMITS.bulkBufferedBytes) break;
      this.#channel.send(bulk.next);
      const following = bulk.frames.next();
      if (following.done !== true) {
        bulk.next = following.value;
        continue;
      }
      this.#bulk.shift();
      this.#leaving.push(bulk.tag);
    }
    if (this.#channel.bufferedAmount > LOW_WATERMARK_BYTES) {
      this.#watchDrain();
      return;
    }
    for (const tag of this.#leaving.splice(0)) this.#onSent(tag);
  }

  #watchDrain(): void {
    if (this.#watch !== undefined) return;
    this.#watchedAmount = this.#channel.bufferedAmount;
    this.#watch = setTimeout(() => {
      this.#watch = undefined;
      // Slow but moving is not stuck: the core measures slowness.
      if (this.#channel.bufferedAmount < this.#watchedAmount) this.#feed();
      else this.#onStuck(`it took nothing for ${STUCK_MS} ms`);
    }, STUCK_MS);
  }

  #unwatch(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
  }
}
