import type { Millis } from '@freshet/protocol';
import { MAX_COPIES } from '../tracker/plan-injection.ts';
import { EgressMeter } from './egress-meter.ts';

/** Copies are counted by blocks of the smallest piece. */
const BLOCK_BYTES = 16 * 1024;
/** Segments whose copies are remembered; the longest known goes. A forgotten one has its copies again. */
const MAX_SEGMENTS = 1024;
/** Who begins to watch takes a segment or two more once it is in: newcomers stop well before those who watch have to. */
const NEWCOMERS_SHARE = 0.6;

/**
 * Who is served when a server sends as much as it may. Without it every answer would only come later, until all come
 * too late: injectors would wait with everybody else, nothing new would enter the swarm, and everybody would be back.
 */
export class EgressGate {
  /** What was promised, not what has left: a crowd that asks at once would all be let in before any of it had. */
  readonly #promised = new EgressMeter();
  readonly #limitBps: number;
  readonly #copies = new Map<string, Uint8Array>();

  /** @param limitBps bits a second, somewhat below what the line carries. */
  constructor(limitBps: number) {
    this.#limitBps = limitBps;
  }

  /** Whether who asks for a stream may begin to watch it. */
  admitsNewcomer(now: Millis): boolean {
    return this.#promised.bitsPerSecond(now) <= this.#limitBps * NEWCOMERS_SHARE;
  }

  /**
   * Whether these bytes of a segment are sent: if there is room, or if they are among the first copies, as many as the
   * tracker has injected at most, with which the swarm goes on by itself.
   * @param segment any name of it that no other has
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
