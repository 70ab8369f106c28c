import type { Millis } from '@freshet/protocol';

/** Prefixes that are remembered. Beyond this number the one that asked longest ago is forgotten, and starts anew. */
const MAX_PREFIXES = 10_000;

interface Bucket {
  tokens: number;
  at: Millis;
}

/**
 * A token bucket for each address prefix. RateLimiterMemory, used elsewhere, answers later, with a promise, and keeps a
 * timer for each key, without a bound on their number.
 */
export class PrefixRate {
  readonly #burst: number;
  readonly #perMs: number;
  readonly #onRefused: () => void;
  readonly #maxPrefixes: number;
  /** The least recently used first. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param burst how many pass at once @param refillMs time in which an empty bucket becomes full */
  constructor(burst: number, refillMs: Millis, onRefused: () => void, maxPrefixes = MAX_PREFIXES) {
    this.#burst = burst;
    this.#perMs = burst / refillMs;
    this.#onRefused = onRefused;
    this.#maxPrefixes = maxPrefixes;
  }

  /** @returns false, after `onRefused`, if the prefix has used up its rate */
  take(prefix: string, now: Millis): boolean {
    const known = this.#buckets.get(prefix);
    const tokens = Math.min(
      this.#burst,
      (known?.tokens ?? this.#burst) + (now - (known?.at ?? now)) * this.#perMs,
    );
    this.#buckets.delete(prefix);
    this.#buckets.set(prefix, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    const oldest = this.#buckets.keys().next();
    if (this.#buckets.size > this.#maxPrefixes && !oldest.done) this.#buckets.delete(oldest.value);
    if (tokens < 1) this.#onRefused();
    return tokens >= 1;
  }
}
