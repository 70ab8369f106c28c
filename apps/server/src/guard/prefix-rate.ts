import type { Millis } from '@freshet/protocol';
import { TokenBuckets } from '../util/token-buckets.ts';

/** A rate for each address prefix. */
export class PrefixRate {
  readonly #buckets: TokenBuckets;
  readonly #onRefused: () => void;

  /** @param burst how many pass at once @param refillMs time in which an empty bucket becomes full */
  constructor(burst: number, refillMs: Millis, onRefused: () => void, maxPrefixes?: number) {
    this.#buckets = new TokenBuckets({ burst, everyMs: refillMs / burst }, maxPrefixes);
    this.#onRefused = onRefused;
  }

  /** @returns false, after `onRefused`, if the prefix has used up its rate */
  take(prefix: string, now: Millis): boolean {
    const passes = this.#buckets.take(prefix, 0, now) >= 1;
    if (passes) this.#buckets.take(prefix, 1, now);
    else this.#onRefused();
    return passes;
  }
}
