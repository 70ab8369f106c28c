import { type Millis, setBounded } from '@freshet/protocol';

export interface TokenRate {
  /** Tokens at once. */
  readonly burst: number;
  /** Time after which there is one more. */
  readonly everyMs: Millis;
}

/** Keys that are remembered. The one unused for longest is forgotten, and starts with a full bucket. */
const MAX_KEYS = 10_000;

/**
 * A token bucket for each key. RateLimiterMemory, used elsewhere, answers later, with a promise, and keeps a timer for
 * each key, without a bound on their number.
 */
export class TokenBuckets {
  readonly #rate: TokenRate;
  readonly #maxKeys: number;
  /** The least recently used first. */
  readonly #buckets = new Map<string, { readonly tokens: number; readonly at: Millis }>();

  constructor(rate: TokenRate, maxKeys = MAX_KEYS) {
    this.#rate = rate;
    this.#maxKeys = maxKeys;
  }

  /**
   * Takes tokens, but no more than there are; a negative number gives them back, up to a full bucket.
   * @returns the number before, fractions included
   */
  take(key: string, count: number, now: Millis): number {
    const { burst, everyMs } = this.#rate;
    const { tokens, at } = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const before = Math.min(burst, tokens + (now - at) / everyMs);
    const after = Math.min(burst, Math.max(0, before - count));
    setBounded(this.#buckets, key, { tokens: after, at: now }, this.#maxKeys);
    return before;
  }
}
