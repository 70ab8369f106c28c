import type { Millis } from '@freshet/protocol';
import { networkPrefix } from './network-prefix.ts';

interface Bucket {
  tokens: number;
  at: Millis;
}

export interface GuessLimitOptions {
  /** Wrong guesses at once from one network for one secret. */
  readonly burst: number;
  /** Time after which one more guess is allowed there. */
  readonly everyMs: Millis;
  /** The same for all networks and secrets together. Default: not limited. */
  readonly ofAll?: { readonly burst: number; readonly everyMs: Millis };
  /** Milliseconds on a monotonic clock. */
  readonly now: () => Millis;
}

/** Networks remembered; the one unused for longest is forgotten first. The limit for all networks remains. */
const MAX_BUCKETS = 10_000;
/** Networks of correct guesses remembered. */
const MAX_KNOWN = 100;

/**
 * Counts wrong guesses of secrets: a bucket for each network (IPv4 /24, IPv6 /48) and secret, and one for all. Networks
 * from which the right secret came are not held to the limit for all, so that strangers cannot use it up for them.
 */
export class GuessLimit {
  readonly #options: GuessLimitOptions;
  readonly #buckets = new Map<string, Bucket>();
  readonly #known = new Set<string>();
  readonly #all: Bucket | undefined;

  constructor(options: GuessLimitOptions) {
    this.#options = options;
    this.#all = options.ofAll && { tokens: options.ofAll.burst, at: options.now() };
  }

  /** Whether one more guess is allowed. @param secret which one; must come from a closed list */
  allows(address: string, secret = ''): boolean {
    const prefix = networkPrefix(address) ?? address;
    if (this.#filled(this.#bucket(prefix, secret), this.#options) < 1) return false;
    const { ofAll } = this.#options;
    if (this.#all === undefined || ofAll === undefined || this.#known.has(prefix)) return true;
    return this.#filled(this.#all, ofAll) >= 1;
  }

  /** Counts a wrong guess. */
  wrong(address: string, secret = ''): void {
    const prefix = networkPrefix(address) ?? address;
    const bucket = this.#bucket(prefix, secret);
    bucket.tokens = Math.max(0, this.#filled(bucket, this.#options) - 1);
    const { ofAll } = this.#options;
    if (this.#all === undefined || ofAll === undefined || this.#known.has(prefix)) return;
    this.#all.tokens = Math.max(0, this.#filled(this.#all, ofAll) - 1);
  }

  /** Takes a wrong guess back: it was none. */
  forgive(address: string, secret = ''): void {
    this.#bucket(networkPrefix(address) ?? address, secret).tokens += 1;
    if (this.#all !== undefined) this.#all.tokens += 1;
  }

  /** Notes a right guess. */
  right(address: string): void {
    const prefix = networkPrefix(address) ?? address;
    this.#known.delete(prefix);
    this.#known.add(prefix);
    const [oldest] = this.#known;
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }

  #bucket(prefix: string, secret: string): Bucket {
    const name = `${prefix} ${secret}`;
    const bucket = this.#buckets.get(name) ?? { tokens: this.#options.burst, at: this.#options.now() };
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MAX_BUCKETS && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }

  #filled(bucket: Bucket, { burst, everyMs }: { readonly burst: number; readonly everyMs: Millis }): number {
    const now = this.#options.now();
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / everyMs);
    bucket.at = now;
    return bucket.tokens;
  }
}
