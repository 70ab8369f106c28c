import type { Millis } from '@freshet/protocol';
import { MAX_COPIES } from '../tracker/injections/plan-injection.ts';
import { EgressMeter } from './egress-meter.ts';
import { PrefixRates } from './prefix-rates.ts';

/** Copies are counted in blocks of the smallest piece. */
const BLOCK_BYTES = 16 * 1024;
/** Where the count of a block's copies ends. It then stays, even if some are not sent after all. */
const MOST_COUNTED = 255;
/** Segments whose copies are counted. Beyond this number the oldest is forgotten, and its copies pass again. */
const MAX_SEGMENTS = 1024;
/**
 * The share of the limit above which newcomers are turned away, and prefixes that use more than their own share. Each
 * admitted newcomer costs one or two extra segments, so newcomers stop well before current viewers have to.
 */
const NEWCOMERS_SHARE = 0.6;

/** A request for bytes `start` to `end`, exclusive, of a segment. */
export interface EgressRequest {
  /** Any unique name of the segment. */
  readonly segment: string;
  /** Bytes of the whole segment. */
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
  /** The network that asks. Without it, the prefixes' shares are not considered. */
  readonly prefix?: string | undefined;
}

/**
 * Decides which requests are served at the egress limit. Without it every answer would come later, until all come too
 * late: injectors would wait like all other viewers, nothing new would enter the swarm, and every viewer would return
 * to the server.
 *
 * While several address prefixes ask, one that uses more than its share is turned away as early as newcomers are, and
 * does not count against the others with more than that share. So one network cannot keep all others from watching.
 */
export class EgressGate {
  /**
   * Bytes promised, not bytes sent: otherwise a crowd that asks at once would be admitted before any of its bytes left.
   */
  readonly #promised = new EgressMeter();
  readonly #prefixes: PrefixRates;
  /** First copies that passed although their prefix was above its share. */
  readonly #firstCopies: PrefixRates;
  /** Playlists and other small answers. */
  readonly #small: PrefixRates;
  readonly #limitBps: number;
  readonly #copies = new Map<string, Uint8Array>();

  /** @param limitBps bits a second, somewhat below the capacity of the line. */
  constructor(limitBps: number) {
    this.#limitBps = limitBps;
    this.#prefixes = new PrefixRates(limitBps);
    this.#firstCopies = new PrefixRates(limitBps);
    this.#small = new PrefixRates(limitBps);
  }

  /** Whether a new viewer may begin to watch a stream. */
  admitsNewcomer(now: Millis, prefix?: string): boolean {
    if (prefix !== undefined) this.#prefixes.asks(prefix, now);
    return this.#used(now, prefix) <= this.#limitBps * NEWCOMERS_SHARE;
  }

  /**
   * Whether these bytes are sent: if there is room, or if they belong to the first `MAX_COPIES` copies. The tracker
   * injects at most that many, and with them the swarm supplies itself.
   */
  admits({ segment, bytes, start, end, prefix }: EgressRequest, now: Millis): boolean {
    if (prefix !== undefined) this.#prefixes.asks(prefix, now);
    const copies = this.#copiesOf(segment, bytes);
    const asked = copies.subarray(Math.floor(start / BLOCK_BYTES), Math.ceil(end / BLOCK_BYTES));
    const isFirst = asked.some((sent) => sent < MAX_COPIES);
    const isGreedy = this.isAboveShare(now, prefix);
    const limit = isGreedy ? this.#limitBps * NEWCOMERS_SHARE : this.#limitBps;
    if (this.#used(now, prefix) > limit) {
      if (!isFirst) return false;
      // Every old segment has first copies as well: without this bound, a network that asks for all of them would get
      // any number of bytes.
      if (isGreedy && prefix !== undefined) {
        if (this.#firstCopies.rate(prefix, now) > this.#prefixes.share) return false;
        this.#firstCopies.add(prefix, end - start, now);
      }
    }
    for (const [block, sent] of asked.entries()) asked[block] = Math.min(MOST_COUNTED, sent + 1);
    this.#promised.add(end - start, now);
    if (prefix !== undefined) this.#prefixes.add(prefix, end - start, now);
    return true;
  }

  /**
   * Whether a playlist, an init segment or a piece list is sent. They do not count, because viewers need them to use one
   * another, but a prefix gets no more of them than its share while others ask: a long playlist is as good a load as a
   * segment.
   */
  admitsSmall(bytes: number, now: Millis, prefix: string): boolean {
    this.#prefixes.asks(prefix, now);
    if (this.#prefixes.hasOthers && this.#small.rate(prefix, now) > this.#prefixes.share) return false;
    this.#small.add(prefix, bytes, now);
    return true;
  }

  /**
   * Takes back what was promised and not sent, for example because the viewer cut the transfer.
   * @param from the first byte of the request that was not sent @param promisedAt when `admits` was called
   */
  unsent({ segment, end, prefix }: EgressRequest, from: number, promisedAt: Millis, now: Millis): void {
    this.#promised.takeBack(end - from, promisedAt, now);
    if (prefix !== undefined) this.#prefixes.takeBack(prefix, end - from, promisedAt, now);
    const copies = this.#copies.get(segment);
    if (copies === undefined) return;
    const unsent = copies.subarray(Math.ceil(from / BLOCK_BYTES), Math.ceil(end / BLOCK_BYTES));
    for (const [block, sent] of unsent.entries())
      if (sent > 0 && sent < MOST_COUNTED) unsent[block] = sent - 1;
  }

  /** Whether this prefix uses more than its share while others ask. */
  isAboveShare(now: Millis, prefix?: string): boolean {
    return prefix !== undefined && this.#prefixes.isAboveShare(prefix, now);
  }

  #copiesOf(segment: string, bytes: number): Uint8Array {
    const known = this.#copies.get(segment);
    if (known !== undefined) return known;
    const copies = new Uint8Array(Math.ceil(bytes / BLOCK_BYTES));
    this.#copies.set(segment, copies);
    const oldest = this.#copies.keys().next();
    if (this.#copies.size > MAX_SEGMENTS && !oldest.done) this.#copies.delete(oldest.value);
    return copies;
  }

  /** The rate against which a request of this prefix is judged, in bits a second. */
  #used(now: Millis, prefix: string | undefined): number {
    const all = this.#promised.bitsPerSecond(now);
    const isFair = prefix !== undefined && !this.isAboveShare(now, prefix);
    return isFair ? all - this.#prefixes.excess(now) : all;
  }
}
