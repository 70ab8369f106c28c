import type { Millis, StreamName } from '@freshet/protocol';
import { type Claims, claimsDeny, type Origin } from './claims.ts';
import type { AuthService } from './auth-service.ts';
import { BAD_TICKET, type Denial, isDenial, NO_TOKEN, REVOKED } from './denial.ts';
import { denialOf, openAskedMembership, readQuestion } from './asked-access.ts';
import { type JoiningViewer, type Membership, Memberships } from './memberships.ts';
import { matchesPattern } from './pattern.ts';
import { type Revocation, Revocations } from './revocations.ts';
import { credentials } from './credentials.ts';
import { Tickets, type TicketUse } from './tickets.ts';
import { TokenVerifier } from './token-verifier.ts';

/** `public`: anybody may watch. `token`: who shows a token. `service`: whom the operator's own service permits. */
export type AccessMode = 'public' | 'token' | 'service';

/** The first entry whose name or pattern fits a stream applies to it. */
export interface AccessRule {
  readonly name: string;
  readonly mode: 'public' | 'token';
}

export interface StreamAccessOptions {
  readonly rules: readonly AccessRule[];
  readonly secret: string | undefined;
  readonly jwks: string | undefined;
  /** Asked about all streams for which no rule applies. Default: those are public. */
  readonly service?: AuthService | undefined;
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
  readonly #service: AuthService | undefined;
  readonly #verifier: TokenVerifier;
  readonly #tickets: Tickets;
  readonly #memberships: Memberships;
  #revocations = new Revocations();

  constructor({ rules, secret, jwks, service, now, onFault }: StreamAccessOptions) {
    this.#service = service;
    this.#rules = rules;
    this.#now = now;
    this.#verifier = new TokenVerifier({ secret, jwks, now, onFault });
    this.#tickets = new Tickets(secret, now);
    this.#memberships = new Memberships(now, ({ stream, address, site }, token) =>
      this.#judge(token, stream, { address, site }),
    );
  }

  modeOf(stream: StreamName): AccessMode {
    const rule = this.#rules.find(({ name }) => matchesPattern(stream, name));
    return rule?.mode ?? (this.#service === undefined ? 'public' : 'service');
  }

  /** @returns undefined if the stream is public */
  admitRequest(request: MediaRequest): undefined | Denial | Grant | Promise<Denial | Grant> {
    const { stream, use, query } = request;
    if (this.modeOf(stream) === 'public') return undefined;
    const ticket = query.get('ticket');
    const left = use === 'playlist' || ticket === null ? undefined : this.#tickets.check(ticket, stream, use);
    if (left !== undefined) return { playlists: '', media: '', init: '', sharedMs: left };
    if (this.#service !== undefined && this.modeOf(stream) === 'service')
      return this.#askedGrant(this.#service, request);
    const shown = query.get('token');
    const token = shown ?? credentials(request.authorization).token;
    if (token === undefined || token === '')
      return use !== 'playlist' && ticket !== null ? BAD_TICKET : NO_TOKEN;
    return this.#judge(token, stream, request.from).then((claims) => {
      if (isDenial(claims)) return claims;
      return this.#grant(stream, shown === null ? '' : new URLSearchParams({ token: shown }).toString());
    });
  }

  /** @returns undefined if the stream is public */
  join(viewer: JoiningViewer): undefined | Promise<Denial | Membership> {
    const { stream, token, address, site } = viewer;
    if (this.modeOf(stream) === 'public') return undefined;
    if (this.#service !== undefined && this.modeOf(stream) === 'service')
      return openAskedMembership(this.#service, viewer);
    if (token === undefined) return Promise.resolve(NO_TOKEN);
    return this.#judge(token, stream, { address, site }).then((claims) =>
      isDenial(claims) ? claims : this.#memberships.open(viewer, claims),
    );
  }

  #grant(stream: StreamName, playlists: string): Grant {
    return {
      playlists,
      media: `ticket=${this.#tickets.issue(stream, 'media')}`,
      init: `ticket=${this.#tickets.issue(stream, 'init')}`,
      sharedMs: 0,
    };
  }

  async #askedGrant(service: AuthService, request: MediaRequest): Promise<Denial | Grant> {
    const { stream, from } = request;
    const question = readQuestion(request);
    const denial = denialOf(await service.ask({ ...question, path: stream, ip: from.address }), question);
    return denial ?? this.#grant(stream, question.query);
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
