import type { Request, RequestHandler, Response } from 'express';
import type { Millis } from '@freshet/protocol';
import { ControlError } from '../http/control-error.ts';
import { GuessLimit } from '../util/guess-limit.ts';
import type { AdminToken } from './admin-token.ts';
import { SESSION_MS, type Sessions } from './sessions.ts';

const COOKIE = 'freshet-console';
/** Browsers take a cookie of this name only over TLS, for this very host: no other host of the domain can set it. */
const HOST_COOKIE = `__Host-${COOKIE}`;
/**
 * Wrong tokens from one network: ten at once, and one more every minute. From all networks together: 100 at once, and
 * one more every six seconds.
 */
const WRONG_TOKENS = { burst: 10, everyMs: 60_000, ofAll: { burst: 100, everyMs: 6000 } } as const;

/** Why a login was refused. A closed list, because it is a label of a metric. */
type RefusedLogin = 'token' | 'attempts';

export interface GateKeeperOptions {
  readonly token: AdminToken;
  readonly sessions: Sessions;
  /** Viewers reach this server over TLS. */
  readonly secure: boolean;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => Millis;
  /** Called for each attempt with a token; `attempts`: too many wrong ones, so it was not looked at. */
  readonly onAttempt: (request: Request, outcome: 'right' | RefusedLogin) => void;
  /** Asks the operator's own service about a sign-in with another token. Default: only the token opens. */
  readonly permits?: ((address: string, token: string) => Promise<'yes' | 'no' | 'away'>) | undefined;
}

/** Admits requests with the token, or with a session that was opened with it, to the control API. */
export class GateKeeper {
  readonly #options: GateKeeperOptions;
  readonly #guesses: GuessLimit;

  constructor(options: GateKeeperOptions) {
    this.#options = options;
    this.#guesses = new GuessLimit({ ...WRONG_TOKENS, now: options.now });
  }

  /** @throws ControlError 401 for a wrong token, 429 after too many of them */
  async signIn(request: Request, response: Response, token: string): Promise<void> {
    if (!this.#isRight(request, token)) await this.#mustBePermitted(request, token);
    this.#options.onAttempt(request, 'right');
    const id = this.#options.sessions.open();
    response.cookie(this.#name(request), id, { ...this.#cookie(request), maxAge: SESSION_MS });
  }

  /** @throws ControlError 401, or 503 if nobody can say */
  async #mustBePermitted(request: Request, token: string): Promise<void> {
    const address = request.ip ?? '';
    // Before the service answers, so that guesses that are sent at once count, too.
    this.#guesses.wrong(address);
    const answer = (await this.#options.permits?.(address, token)) ?? 'no';
    if (answer !== 'no') this.#guesses.forgive(address);
    if (answer === 'yes') {
      this.#guesses.right(address);
      return;
    }
    this.#options.onAttempt(request, 'token');
    if (answer === 'away') throw new ControlError(503, 'The access service does not respond. Use the token.');
    throw new ControlError(401, 'Invalid token.');
  }

  signOut(request: Request, response: Response): void {
    const id = this.#sessionOf(request);
    if (id !== undefined) this.#options.sessions.close(id);
    response.clearCookie(this.#name(request), this.#cookie(request));
  }

  isSignedIn(request: Request): boolean {
    const id = this.#sessionOf(request);
    return id !== undefined && this.#options.sessions.has(id);
  }

  /** Passes requests with a session, and those with `Authorization: Bearer TOKEN`. */
  readonly guard: RequestHandler = (request, _response, next) => {
    const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined) {
      next(this.isSignedIn(request) ? undefined : new ControlError(401, 'Sign in first.'));
      return;
    }
    if (!this.#isRight(request, bearer)) {
      this.#guesses.wrong(request.ip ?? '');
      this.#options.onAttempt(request, 'token');
      throw new ControlError(401, 'Invalid token.');
    }
    next();
  };

  /**
   * Beyond the limit, tokens are not even compared: a guesser learns nothing. Sessions that are open continue.
   * @throws ControlError 429 after too many wrong tokens
   */
  #isRight(request: Request, token: string): boolean {
    const { onAttempt } = this.#options;
    const address = request.ip ?? '';
    if (!this.#guesses.allows(address)) {
      onAttempt(request, 'attempts');
      throw new ControlError(429, 'Too many wrong tokens; retry in a minute.');
    }
    if (!this.#options.token.matches(token)) return false;
    this.#guesses.right(address);
    return true;
  }

  #isSecure(request: Request): boolean {
    return this.#options.secure || request.secure;
  }

  /** Without TLS browsers refuse the prefix. */
  #name(request: Request): string {
    return this.#isSecure(request) ? HOST_COOKIE : COOKIE;
  }

  #cookie(request: Request) {
    return { httpOnly: true, sameSite: 'strict', secure: this.#isSecure(request), path: '/' } as const;
  }

  #sessionOf(request: Request): string | undefined {
    const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
    const before = `${this.#name(request)}=`;
    const id = cookies.find((cookie) => cookie.startsWith(before))?.slice(before.length);
    return id !== undefined && /^[A-Za-z0-9_-]{43}$/.test(id) ? id : undefined;
  }
}

/** Refuses changes by another site's page. SameSite withholds the cookie from it already; this is the second barrier. */
export const sameOrigin: RequestHandler = (request, _response, next) => {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const site = request.headers['sec-fetch-site'];
  const { origin } = request.headers;
  const isForeign =
    site !== undefined
      ? site !== 'same-origin' && site !== 'none'
      : origin !== undefined && hostOf(origin) !== request.headers.host;
  next(
    !isRead && isForeign ? new ControlError(403, 'Requests from other sites are not allowed.') : undefined,
  );
};

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
