import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { ProxyTrust } from '../util/client-address.ts';

/** Warns once if requests come through a proxy that the settings do not name: all clients then share its limits. */
export function undeclaredProxy(trust: ProxyTrust, log: Logger): RequestHandler {
  let isSilent = trust !== 0;
  return (request, _response, next) => {
    if (!isSilent && request.headers['x-forwarded-for'] !== undefined) {
      isSilent = true;
      log.warn(
        'a request has X-Forwarded-For, but no proxy is trusted: if there is a proxy in front of this server, name it with --trust-proxy',
      );
    }
    next();
  };
}
