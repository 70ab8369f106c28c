import type { Millis, StreamName } from '@freshet/protocol';
import { type Claims, claimsDeny, type Origin } from './claims.ts';
import { BAD_TICKET, type Denial, isDenial, NO_TOKEN, REVOKED } from './denial.ts';
import { type JoiningViewer, type Membership, Memberships } from './memberships.ts';
import { matchesPattern } from './pattern.ts';
import { type Revocation, Revocations } from './revocations.ts';
import { Tickets, type TicketUse } from './tickets.ts';
import { TokenVerifier } from './token-verifier.ts';

/** `public`: anybody may watch. `token`: who shows a token. */
export type AccessMode = 'public' | 'token';

/** The first entry whose name or pattern fits a stream applies to it. */
export interface AccessRule {
  readonly name: string;
  readonly mode: AccessMode;
}

export interface StreamAccessOptions {
  readonly rules: readonly AccessRule[];
  readonly secret: string | undefined;
  readonly jwks: string | undefined;
  /** Since 1970. */
  readonly now: () => Millis;
  readonly onFault: (error: unknown) => void;
}

/** A request for a playlist or for media of a stream. */
export interface MediaRequest {
  readonly stream: StreamName;
  readonly use: 'playlist' | TicketUse;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly from: Origin;
}

/** What a permitted request may say to its viewer. */
export interface Grant {
  /** The query of the playlists' addresses: what permits to load them, again and again. May be empty. */
  readonly playlists: string;
  /** The query of the addresses of segments, parts and piece lists in a playlist that players reload. */
  readonly media: string;
  readonly init: string;
  /** How long a cache may answer this request for other viewers. 0: for no other. */
  readonly sharedMs: Millis;
}

/** Decides who may watch private streams. */
export class StreamAccess {
  readonly #rules: readonly AccessRule[];
  readonly #now: () => Millis;
  readonly #verifier: TokenVerifier;
  readonly #tickets: Tickets;
  readonly #memberships: Memberships;
  #revocations = new Revocations();

  constructor({ rules, secret, jwks, now, onFault }: StreamAccessOptions) {
    this.#rules = rules;
    this.#now = now;
    this.#verifier = new TokenVerifier({ secret, jwks, now, onFault });
    this.#tickets = new Tickets(secret, now);
    this.#memberships = new Memberships(now, ({ stream, address, site }, token) =>
      this.#judge(token, stream, { address, site }),
    );
  }

  modeOf(stream: StreamName): AccessMode {
    return this.#rules.find(({ name }) => matchesPattern(stream, name))?.mode ?? 'public';
  }

  /** @returns undefined if the stream is public */
  admitRequest(request: MediaRequest): undefined | Denial | Grant | Promise<Denial | Grant> {
    const { stream, use, query } = request;
    if (this.modeOf(stream) === 'public') return undefined;
    const ticket = query.get('ticket');
    const left = use === 'playlist' || ticket === null ? undefined : this.#tickets.check(ticket, stream, use);
    if (left !== undefined) return { playlists: '', media: '', init: '', sharedMs: left };
    const shown = query.get('token');
    const token = shown ?? bearer(request.authorization);
    if (token === undefined || token === '')
      return use !== 'playlist' && ticket !== null ? BAD_TICKET : NO_TOKEN;
    return this.#judge(token, stream, request.from).then((claims) => {
      if (isDenial(claims)) return claims;
      return {
        playlists: shown === null ? '' : new URLSearchParams({ token: shown }).toString(),
        media: `ticket=${this.#tickets.issue(stream, 'media')}`,
        init: `ticket=${this.#tickets.issue(stream, 'init')}`,
        sharedMs: 0,
      };
    });
  }

  /** @returns undefined if the stream is public */
  join(viewer: JoiningViewer): undefined | Promise<Denial | Membership> {
    const { stream, token, address, site } = viewer;
    if (this.modeOf(stream) === 'public') return undefined;
    if (token === undefined) return Promise.resolve(NO_TOKEN);
    return this.#judge(token, stream, { address, site }).then((claims) =>
      isDenial(claims) ? claims : this.#memberships.open(viewer, claims),
    );
  }

  /** The revocations from before a restart. */
  restore(kept: readonly Revocation[]): void {
    this.#revocations = new Revocations(kept);
  }

  /**
   * Voids tokens, ends the memberships that rest on them, and renews the stream's tickets.
   * @returns the number of ended memberships; undefined if the stream has too many revocations
   */
  revoke(
    stream: StreamName,
    whose: Pick<Revocation, 'sub' | 'jti'>,
  ): { readonly ended: number; readonly all: readonly Revocation[] } | undefined {
    const revocation: Revocation = { stream, at: this.#now(), ...whose };
    if (!this.#revocations.add(revocation)) return undefined;
    this.#tickets.void(stream);
    return { ended: this.#memberships.revoke(revocation), all: this.#revocations.all() };
  }

  async #judge(token: string, stream: StreamName, from: Origin): Promise<Claims | Denial> {
    const claims = await this.#verifier.verify(token);
    if (isDenial(claims)) return claims;
    if (this.#revocations.isRevoked(stream, claims)) return REVOKED;
    return claimsDeny(claims, stream, from) ?? claims;
  }
}

function bearer(authorization: string | undefined): string | undefined {
  const [scheme, token, ...more] = (authorization ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && more.length === 0 ? token : undefined;
}
