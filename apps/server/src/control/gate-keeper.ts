import type { Request, RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { ControlError } from '../http/control-error.ts';
import type { AdminToken } from './admin-token.ts';
import { SESSION_MS, type Sessions } from './sessions.ts';

const COOKIE = 'freshet-console';
/** Wrong tokens from one address, and from all addresses together, in ten minutes. */
const TRIES = 10;
const TRIES_OF_ALL = 100;
const WINDOW_S = 600;

export interface GateKeeperOptions {
  readonly token: AdminToken;
  readonly sessions: Sessions;
  /** Viewers reach this server over TLS. */
  readonly secure: boolean;
  /** The cookie's path, as browsers see it. */
  readonly path: string;
}

/** Admits requests with the token, or with a session that was opened with it, to the control API. */
export class GateKeeper {
  readonly #options: GateKeeperOptions;
  readonly #tries = new RateLimiterMemory({ points: TRIES, duration: WINDOW_S });
  readonly #all = new RateLimiterMemory({ points: TRIES_OF_ALL, duration: WINDOW_S, keyPrefix: 'all' });

  constructor(options: GateKeeperOptions) {
    this.#options = options;
  }

  /** @throws ControlError 401 for a wrong token, 429 after too many of them */
  async signIn(request: Request, response: Response, token: string): Promise<void> {
    const address = request.ip ?? '';
    if (!(await this.#isRight(address, token))) throw new ControlError(401, 'Invalid token.');
    const id = this.#options.sessions.open();
    response.cookie(COOKIE, id, { ...this.#cookie(request), maxAge: SESSION_MS });
  }

  signOut(request: Request, response: Response): void {
    const id = sessionOf(request);
    if (id !== undefined) this.#options.sessions.close(id);
    response.clearCookie(COOKIE, this.#cookie(request));
  }

  isSignedIn(request: Request): boolean {
    const id = sessionOf(request);
    return id !== undefined && this.#options.sessions.has(id);
  }

  /** Passes requests with a session, and those with `Authorization: Bearer TOKEN`. */
  readonly guard: RequestHandler = (request, _response, next) => {
    const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined) {
      next(this.isSignedIn(request) ? undefined : new ControlError(401, 'Sign in first.'));
      return;
    }
    this.#isRight(request.ip ?? '', bearer).then(
      (right) => {
        next(right ? undefined : new ControlError(401, 'Invalid token.'));
      },
      (error: unknown) => {
        next(error);
      },
    );
  };

  /** The right token is never limited: else a guesser at the same address could lock the operator out. */
  async #isRight(address: string, token: string): Promise<boolean> {
    if (this.#options.token.matches(token)) return true;
    try {
      await this.#tries.consume(address);
      await this.#all.consume('all');
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new ControlError(429, 'Too many wrong tokens; retry in ten minutes.');
    }
    return false;
  }

  #cookie(request: Request) {
    const { secure, path } = this.#options;
    return { httpOnly: true, sameSite: 'strict', secure: secure || request.secure, path } as const;
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

function sessionOf(request: Request): string | undefined {
  return new RegExp(`(?:^|;\\s*)${COOKIE}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(
    request.headers.cookie ?? '',
  )?.[1];
}
