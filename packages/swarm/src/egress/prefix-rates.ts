import type { Millis } from '@freshet/protocol';
import { EgressMeter } from './egress-meter.ts';

/** Prefixes whose rate is known. Beyond this number the one that asked longest ago is forgotten: it counts as new. */
const MAX_PREFIXES = 4096;
/** A prefix that was refused retries within this time. Until then it counts as one that asks. */
const ASKING_MS = 10_000;
/** The limit is divided among the prefixes that ask, but into no more shares than this. */
const MOST_SHARES = 4;

/**
 * How much of the egress limit each address prefix uses, and its share. A prefix that asks alone has the whole limit;
 * with others, an equal share of it, and never less than a quarter: an office or a carrier's NAT has many viewers.
 */
export class PrefixRates {
  readonly #limitBps: number;
  /** The one that asked longest ago comes first. */
  readonly #meters = new Map<string, EgressMeter>();
  /** The prefixes above the least share: never more than a few, because together they stay near the limit. */
  readonly #heavy = new Set<string>();
  /** The last few different prefixes that asked, newest first. */
  #askers: readonly { readonly prefix: string; readonly at: Millis }[] = [];

  constructor(limitBps: number) {
    this.#limitBps = limitBps;
  }

  /** Call it with every request, served or not. */
  asks(prefix: string, now: Millis): void {
    const others = this.#askers.filter((asker) => asker.prefix !== prefix && now - asker.at < ASKING_MS);
    this.#askers = [{ prefix, at: now }, ...others].slice(0, MOST_SHARES);
  }

  add(prefix: string, bytes: number, now: Millis): void {
    const meter = this.#meters.get(prefix) ?? new EgressMeter();
    this.#meters.delete(prefix);
    this.#meters.set(prefix, meter);
    const oldest = this.#meters.keys().next();
    if (this.#meters.size > MAX_PREFIXES && !oldest.done) this.#forget(oldest.value);
    meter.add(bytes, now);
    if (meter.bitsPerSecond(now) > this.#limitBps / MOST_SHARES) this.#heavy.add(prefix);
  }

  /** See `EgressMeter.takeBack`. */
  takeBack(prefix: string, bytes: number, addedAt: Millis, now: Millis): void {
    this.#meters.get(prefix)?.takeBack(bytes, addedAt, now);
  }

  /** Whether the prefix uses more than its share. Never, if no other prefix asks. */
  isAboveShare(prefix: string, now: Millis): boolean {
    return this.hasOthers && this.rate(prefix, now) > this.share;
  }

  /** Whether several prefixes ask. */
  get hasOthers(): boolean {
    return this.#askers.length > 1;
  }

  /** Bits a second. */
  get share(): number {
    return this.#limitBps / Math.max(1, this.#askers.length);
  }

  /** Bits a second that prefixes use beyond their shares, in sum. */
  excess(now: Millis): number {
    let sum = 0;
    if (!this.hasOthers) return sum;
    for (const prefix of this.#heavy) {
      const rate = this.rate(prefix, now);
      sum += Math.max(0, rate - this.share);
      if (rate <= this.#limitBps / MOST_SHARES) this.#heavy.delete(prefix);
    }
    return sum;
  }

  /** Bits a second. */
  rate(prefix: string, now: Millis): number {
    return this.#meters.get(prefix)?.bitsPerSecond(now) ?? 0;
  }

  #forget(prefix: string): void {
    this.#meters.delete(prefix);
    this.#heavy.delete(prefix);
  }
}
