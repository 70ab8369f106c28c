import { type Millis, setBounded } from '@freshet/protocol';
import { networkPrefix } from './network-prefix.ts';
import { TokenBuckets, type TokenRate } from './token-buckets.ts';

/** The rate of wrong guesses from one network for one secret. */
export interface GuessLimitOptions extends TokenRate {
  /** The same for all networks and secrets together. Default: not limited. */
  readonly ofAll?: TokenRate;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => Millis;
}

/** Networks of correct guesses remembered. */
const MAX_KNOWN = 100;

/**
 * Counts wrong guesses of secrets: a bucket for each network (IPv4 /24, IPv6 /48) and secret, and one for all. Networks
 * from which the right secret came are not held to the limit for all, so that strangers cannot use it up for them.
 */
export class GuessLimit {
  readonly #now: () => Millis;
  readonly #each: TokenBuckets;
  readonly #all: TokenBuckets | undefined;
  readonly #known = new Map<string, true>();

  constructor(options: GuessLimitOptions) {
    this.#now = options.now;
    this.#each = new TokenBuckets(options);
    this.#all = options.ofAll && new TokenBuckets(options.ofAll);
  }

  /** Whether one more guess is allowed. @param secret which one; must come from a closed list */
  allows(address: string, secret = ''): boolean {
    return this.#take(0, address, secret) >= 1;
  }

  /** Counts a wrong guess. */
  wrong(address: string, secret = ''): void {
    this.#take(1, address, secret);
  }

  /** Takes a wrong guess back: it was none. */
  forgive(address: string, secret = ''): void {
    this.#take(-1, address, secret);
  }

  /** Notes a right guess. */
  right(address: string): void {
    setBounded(this.#known, prefixOf(address), true, MAX_KNOWN);
  }

  /** @returns the guesses that were left before */
  #take(count: number, address: string, secret: string): number {
    const prefix = prefixOf(address);
    const left = this.#each.take(`${prefix} ${secret}`, count, this.#now());
    if (this.#all === undefined || this.#known.has(prefix)) return left;
    return Math.min(left, this.#all.take('', count, this.#now()));
  }
}

function prefixOf(address: string): string {
  return networkPrefix(address) ?? address;
}
