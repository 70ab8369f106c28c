import { createHash, randomBytes } from 'node:crypto';
import type { Millis } from '@freshet/protocol';

export const SESSION_MS: Millis = 12 * 3600_000;
/** One more sign-in ends the oldest session. */
const MAX_SESSIONS = 100;

/** Who is signed in to the console. In memory: a restart signs everybody out. */
export class Sessions {
  readonly #now: () => Millis;
  /** Hash of the session's id -> when it ends. */
  readonly #ends = new Map<string, Millis>();

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** @returns the id for the cookie */
  open(): string {
    const id = randomBytes(32).toString('base64url');
    this.#ends.set(hashOf(id), this.#now() + SESSION_MS);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > MAX_SESSIONS && oldest !== undefined) this.#ends.delete(oldest);
    return id;
  }

  has(id: string): boolean {
    const end = this.#ends.get(hashOf(id));
    return end !== undefined && end > this.#now();
  }

  close(id: string): void {
    this.#ends.delete(hashOf(id));
  }
}

/** The table is asked by hash, so that how long a look-up takes says nothing of the ids. */
function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
