import { type Millis, setBounded } from '@freshet/protocol';
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import * as v from 'valibot';
import { Claims } from './claims.ts';
import { AWAY, type Denial, EXPIRED, forbidden } from './denial.ts';
import { KeySet } from './key-set.ts';

/** As in the join (PROTOCOL.md, S3). */
const MAX_CHARACTERS = 4096;
/** Verified tokens that are remembered, since players show theirs with every playlist. The oldest is dropped. */
const MAX_REMEMBERED = 10_000;
/** A token is verified again after this time, because its key may have been removed. */
const REMEMBER_MS: Millis = 30_000;

/** For public keys. With the secret, HS256 only: the kind of key decides, never the token alone. */
const PUBLIC_ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'Ed25519'];

export interface TokenVerifierOptions {
  /** For tokens with HS256. */
  readonly secret: string | undefined;
  /** Where the public keys are, for all other tokens. */
  readonly jwks: string | undefined;
  /** Since 1970. */
  readonly now: () => Millis;
  readonly onFault: (error: unknown) => void;
}

/** Checks the signature, the times and the form of tokens, but not what they permit. */
export class TokenVerifier {
  readonly #now: () => Millis;
  readonly #secret: Uint8Array | undefined;
  readonly #keys: KeySet | undefined;
  readonly #verified = new Map<string, { readonly claims: Claims; readonly until: Millis }>();

  constructor({ secret, jwks, now, onFault }: TokenVerifierOptions) {
    this.#now = now;
    this.#secret = secret === undefined ? undefined : new TextEncoder().encode(secret);
    this.#keys = jwks === undefined ? undefined : new KeySet({ where: jwks, now, onFault });
  }

  async verify(token: string): Promise<Claims | Denial> {
    if (token.length > MAX_CHARACTERS) return forbidden('The token is too long.');
    const known = this.#verified.get(token);
    const now = this.#now();
    if (known !== undefined && known.until > now)
      return known.claims.exp * 1000 > now ? known.claims : EXPIRED;
    this.#verified.delete(token);
    try {
      const parsed = v.safeParse(Claims, await this.#payload(token));
      if (!parsed.success)
        return forbidden(`The token lacks a valid claim: ${v.getDotPath(parsed.issues[0]) ?? 'stream'}.`);
      this.#remember(token, parsed.output);
      return parsed.output;
    } catch (error) {
      if (error instanceof errors.JWTExpired) return EXPIRED;
      if (error instanceof errors.JWKSNoMatchingKey && this.#keys?.isKnown === false) return AWAY;
      if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf')
        return forbidden('The token is not valid yet.');
      return forbidden('The token is not valid.');
    }
  }

  async #payload(token: string): Promise<JWTPayload> {
    const common = { currentDate: new Date(this.#now()), requiredClaims: ['exp'] };
    if (decodeProtectedHeader(token).alg === 'HS256') {
      if (this.#secret === undefined) throw new errors.JOSEAlgNotAllowed();
      return (await jwtVerify(token, this.#secret, { ...common, algorithms: ['HS256'] })).payload;
    }
    if (this.#keys === undefined) throw new errors.JOSEAlgNotAllowed();
    const options = { ...common, algorithms: PUBLIC_ALGORITHMS };
    try {
      return (await jwtVerify(token, this.#keys.find, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      // The token does not name its key: one of those that fit.
      for await (const key of error) {
        const tried = await jwtVerify(token, key, options).catch((wrong: unknown) => {
          if (wrong instanceof errors.JWSSignatureVerificationFailed) return undefined;
          throw wrong;
        });
        if (tried !== undefined) return tried.payload;
      }
      throw new errors.JWSSignatureVerificationFailed();
    }
  }

  #remember(token: string, claims: Claims): void {
    setBounded(this.#verified, token, { claims, until: this.#now() + REMEMBER_MS }, MAX_REMEMBERED);
  }
}
