import { createHash, randomBytes } from 'node:crypto';
import { type Millis, setBounded } from '@freshet/protocol';

export const SESSION_MS: Millis = 12 * 3600_000;
/** At this number, a new sign-in ends the oldest session. */
const MAX_SESSIONS = 100;

/** The console's sessions. They are in memory only: a restart ends them. */
export class Sessions {
  readonly #now: () => Millis;
  /** The time at which each session ends, by the hash of its id. */
  readonly #ends = new Map<string, Millis>();

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** @returns the session's id, for the cookie */
  open(): string {
    const id = randomBytes(32).toString('base64url');
    setBounded(this.#ends, hashOf(id), this.#now() + SESSION_MS, MAX_SESSIONS);
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

/** The table's keys are hashes, so that the duration of a look-up reveals nothing about the ids. */
function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
