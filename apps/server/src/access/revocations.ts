import type { Millis, StreamName } from '@freshet/protocol';
import type { Claims } from './claims.ts';

/** One call of the operator: of the tokens for one person, of one token, or of all tokens of the stream. */
export interface Revocation {
  readonly stream: StreamName;
  /** Milliseconds since 1970: tokens that were issued later are not affected. */
  readonly at: Millis;
  readonly sub?: string | undefined;
  readonly jti?: string | undefined;
}

/**
 * Revocations of a stream that are remembered. At this number the call is refused: forgetting one would open the stream
 * again. Revoking all tokens of the stream replaces them.
 */
export const MAX_REVOCATIONS = 1000;

type Revoked = Pick<Claims, 'sub' | 'jti' | 'iat'>;

/** Whether this revocation covers a token with these claims. */
export function covers(revocation: Omit<Revocation, 'stream'>, { sub, jti, iat }: Revoked): boolean {
  if (revocation.jti !== undefined) return revocation.jti === jti;
  if (revocation.sub !== undefined && revocation.sub !== sub) return false;
  return iat === undefined || iat * 1000 <= revocation.at;
}

/** The tokens that are void although they have not expired. */
export class Revocations {
  readonly #byStream = new Map<StreamName, readonly Revocation[]>();

  /** @param kept from before a restart */
  constructor(kept: readonly Revocation[] = []) {
    for (const revocation of kept) this.add(revocation);
  }

  /** @returns false if the stream has too many: nothing was revoked */
  add(revocation: Revocation): boolean {
    const { stream, sub, jti } = revocation;
    const isAll = sub === undefined && jti === undefined;
    const before = (this.#byStream.get(stream) ?? []).filter(
      (other) => other.sub !== sub || other.jti !== jti,
    );
    if (before.length >= MAX_REVOCATIONS && !isAll) return false;
    this.#byStream.set(stream, isAll ? [revocation] : [...before, revocation]);
    return true;
  }

  isRevoked(stream: StreamName, claims: Revoked): boolean {
    return (this.#byStream.get(stream) ?? []).some((revocation) => covers(revocation, claims));
  }

  /** To be kept across restarts. */
  all(): readonly Revocation[] {
    return [...this.#byStream.values()].flat();
  }
}
