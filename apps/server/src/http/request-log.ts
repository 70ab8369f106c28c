import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { type AddressDetail, shownAddress } from '../util/shown-address.ts';

/** Characters of a path in the log. */
export const SHOWN_PATH = 200;

/** Logs each request, at level `debug` only: on the media path even the check of the level has a cost. */
export function requestLog(log: Logger, addresses: AddressDetail): RequestHandler {
  return (request, response, next) => {
    if (log.isLevelEnabled('debug')) {
      const { method, originalUrl } = request;
      const from = shownAddress(request.ip, addresses);
      const startedAt = performance.now();
      response.once('close', () => {
        const { statusCode: status, writableFinished: whole } = response;
        // Without the query, which may contain a player's access token, and without an encoder's key.
        const path = originalUrl
          .split('?', 1)[0]
          ?.replace(/(\/ingest\/[^/]*)\/.*/, '$1/…')
          .slice(0, SHOWN_PATH);
        log.debug(
          { method, path, from, status, whole, ms: Math.round(performance.now() - startedAt) },
          'request',
        );
      });
    }
    next();
  };
}
