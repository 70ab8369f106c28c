import type { Request } from 'express';
import { sameSecret } from '../util/same-secret.ts';

/** What a request sees of `/metrics` and `/healthz`: everything, without unlisted streams, or only `ok`. */
export type StatusRight = 'all' | 'public' | 'none';

/**
 * @param token that the request has to show. Default: none
 * @param otherwise the right without a token, if none is needed
 */
export function statusRight(
  token: string | undefined,
  otherwise: StatusRight,
): (request: Request) => StatusRight {
  if (token === undefined) return () => otherwise;
  return ({ headers }) => {
    const shown = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
    return shown !== undefined && sameSecret(shown, token) ? 'all' : 'none';
  };
}
