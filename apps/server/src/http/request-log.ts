import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

/** A line for each request, at level `debug` only: on the media path even skipping it costs something. */
export function requestLog(log: Logger): RequestHandler {
  return (request, response, next) => {
    if (log.isLevelEnabled('debug')) {
      const { method, ip, originalUrl } = request;
      const from = performance.now();
      response.once('close', () => {
        const { statusCode: status, writableFinished: whole } = response;
        // Without the query, where players put access tokens, and without the key of an encoder.
        const path = originalUrl.split('?', 1)[0]?.replace(/(\/ingest\/[^/]*)\/.*/, '$1/…');
        log.debug({ method, path, ip, status, whole, ms: Math.round(performance.now() - from) }, 'request');
      });
    }
    next();
  };
}
