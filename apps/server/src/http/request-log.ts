import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

/** Logs each request, at level `debug` only: on the media path even the check of the level has a cost. */
export function requestLog(log: Logger): RequestHandler {
  return (request, response, next) => {
    if (log.isLevelEnabled('debug')) {
      const { method, ip, originalUrl } = request;
      const from = performance.now();
      response.once('close', () => {
        const { statusCode: status, writableFinished: whole } = response;
        // Without the query, which may contain a player's access token, and without an encoder's key.
        const path = originalUrl.split('?', 1)[0]?.replace(/(\/ingest\/[^/]*)\/.*/, '$1/…');
        log.debug({ method, path, ip, status, whole, ms: Math.round(performance.now() - from) }, 'request');
      });
    }
    next();
  };
}
