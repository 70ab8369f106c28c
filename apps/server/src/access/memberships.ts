import type { Millis, StreamName } from '@freshet/protocol';
import type { Claims } from './claims.ts';
import { type Denial, EXPIRED, isDenial, REVOKED } from './denial.ts';
import { covers, type Revocation } from './revocations.ts';

/** A member is asked for a new token this long before its token expires, or a fifth of what is left, if that is less. */
const NOTICE_MS: Millis = 30_000;
/** It is asked again at the expiry, and this is how long the answer may take. */
const LAST_MS: Millis = 3000;
/** Longer timers overflow. */
const LONGEST_MS: Millis = 24 * 3600_000;

/** What a tracker needs to know to admit a viewer to a swarm, and how it is told of the end. */
export interface JoiningViewer {
  readonly stream: StreamName;
  readonly token: string | undefined;
  readonly address: string;
  /** The header `Origin` of its connection. */
  readonly site: string | undefined;
  /** Ask it for a new token. */
  readonly onExpiring: () => void;
  /** Its membership is over. Called at most once. @param text the reason as a sentence */
  readonly onEnd: (text: string) => void;
}

/** A viewer's right to be in the swarm of a private stream. */
export interface Membership {
  /** The viewer shows another token. One that does not permit the stream changes nothing. */
  renew(token: string): void;
  /** The viewer has left. */
  close(): void;
}

/** Watches over the tokens of the viewers in the swarms of private streams. */
export class Memberships {
  readonly #now: () => Millis;
  readonly #verify: (viewer: JoiningViewer, token: string) => Promise<Claims | Denial>;
  readonly #members = new Set<TokenMembership>();

  /** @param now since 1970 @param verify whether a token permits this viewer to watch */
  constructor(now: () => Millis, verify: (viewer: JoiningViewer, token: string) => Promise<Claims | Denial>) {
    this.#now = now;
    this.#verify = verify;
  }

  open(viewer: JoiningViewer, claims: Claims): Membership {
    const member = new TokenMembership(viewer, claims, this.#now, this.#verify, () => {
      this.#members.delete(member);
    });
    this.#members.add(member);
    return member;
  }

  /** Ends the memberships that rest on revoked tokens. @returns their number */
  revoke(revocation: Revocation): number {
    const ended = [...this.#members].filter(
      ({ stream, claims }) => stream === revocation.stream && covers(revocation, claims),
    );
    for (const member of ended) member.end(REVOKED.text);
    return ended.length;
  }
}

class TokenMembership implements Membership {
  claims: Claims;
  readonly #viewer: JoiningViewer;
  readonly #now: () => Millis;
  readonly #verify: (viewer: JoiningViewer, token: string) => Promise<Claims | Denial>;
  readonly #onClosed: () => void;
  #timer: NodeJS.Timeout | undefined;
  #renewing = false;
  #closed = false;

  constructor(
    viewer: JoiningViewer,
    claims: Claims,
    now: () => Millis,
    verify: (viewer: JoiningViewer, token: string) => Promise<Claims | Denial>,
    onClosed: () => void,
  ) {
    this.#viewer = viewer;
    this.claims = claims;
    this.#now = now;
    this.#verify = verify;
    this.#onClosed = onClosed;
    this.#watch();
  }

  get stream(): StreamName {
    return this.#viewer.stream;
  }

  renew(token: string): void {
    // One at a time: each costs a signature.
    if (this.#renewing) return;
    this.#renewing = true;
    void this.#verify(this.#viewer, token).then((claims) => {
      this.#renewing = false;
      if (this.#closed || isDenial(claims) || claims.exp <= this.claims.exp) return;
      this.claims = claims;
      this.#watch();
    });
  }

  end(text: string): void {
    if (this.#closed) return;
    this.close();
    this.#viewer.onEnd(text);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#onClosed();
  }

  #watch(): void {
    const left = this.claims.exp * 1000 - this.#now();
    const notice = left - Math.min(NOTICE_MS, left / 5);
    this.#at(notice, () => {
      this.#viewer.onExpiring();
      this.#at(left - notice, () => {
        this.#viewer.onExpiring();
        this.#at(LAST_MS, () => {
          this.end(EXPIRED.text);
        });
      });
    });
  }

  #at(ms: Millis, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        if (ms > LONGEST_MS) this.#at(ms - LONGEST_MS, act);
        else act();
      },
      Math.min(ms, LONGEST_MS),
    ).unref();
  }
}
