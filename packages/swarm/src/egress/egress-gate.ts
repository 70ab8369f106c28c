import type { Millis } from '@freshet/protocol';
import { MAX_COPIES } from '../tracker/injections/plan-injection.ts';
import { EgressMeter } from './egress-meter.ts';

/** Copies are counted in blocks of the smallest piece. */
const BLOCK_BYTES = 16 * 1024;
/** Segments whose copies are counted. Beyond this number the oldest is forgotten, and its copies pass again. */
const MAX_SEGMENTS = 1024;
/**
 * The share of the limit above which newcomers are turned away. Each admitted newcomer costs one or two extra segments,
 * so newcomers stop well before current viewers have to.
 */
const NEWCOMERS_SHARE = 0.6;

/**
 * Decides which requests are served at the egress limit. Without it every answer would come later, until all come too
 * late: injectors would wait like all other viewers, nothing new would enter the swarm, and every viewer would return
 * to the server.
 */
export class EgressGate {
  /**
   * Bytes promised, not bytes sent: otherwise a crowd that asks at once would be admitted before any of its bytes left.
   */
  readonly #promised = new EgressMeter();
  readonly #limitBps: number;
  readonly #copies = new Map<string, Uint8Array>();

  /** @param limitBps bits a second, somewhat below the capacity of the line. */
  constructor(limitBps: number) {
    this.#limitBps = limitBps;
  }

  /** Whether a new viewer may begin to watch a stream. */
  admitsNewcomer(now: Millis): boolean {
    return this.#promised.bitsPerSecond(now) <= this.#limitBps * NEWCOMERS_SHARE;
  }

  /**
   * Whether these bytes of a segment are sent: if there is room, or if they belong to the first `MAX_COPIES` copies.
   * The tracker injects at most that many, and with them the swarm supplies itself.
   * @param segment any unique name of the segment
   * @param end exclusive
   */
  admits(segment: string, bytes: number, start: number, end: number, now: Millis): boolean {
    let copies = this.#copies.get(segment);
    if (copies === undefined) {
      this.#copies.set(segment, (copies = new Uint8Array(Math.ceil(bytes / BLOCK_BYTES))));
      const oldest = this.#copies.keys().next();
      if (this.#copies.size > MAX_SEGMENTS && !oldest.done) this.#copies.delete(oldest.value);
    }
    const asked = copies.subarray(Math.floor(start / BLOCK_BYTES), Math.ceil(end / BLOCK_BYTES));
    const isFirst = asked.some((sent) => sent < MAX_COPIES);
    if (!isFirst && this.#promised.bitsPerSecond(now) > this.#limitBps) return false;
    for (const [block, sent] of asked.entries()) asked[block] = Math.min(MAX_COPIES, sent + 1);
    this.#promised.add(end - start, now);
    return true;
  }
}
