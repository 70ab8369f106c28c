import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Headers of the pages and scripts. They differ from helmet's defaults because other sites embed the pages, and because
 * the server often runs on plain http in a local network.
 * @param ancestors the sites that may frame the pages
 * @param media `anywhere`: segments come from the broadcaster's CDN, whose hosts only its playlists name
 */
export function pageHeaders(
  media: 'here' | 'anywhere' = 'here',
  ancestors: readonly string[] = ['*'],
): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // hls.js demuxes in a worker that it makes from a blob.
        workerSrc: ["'self'", 'blob:'],
        // The 404 page has inline styles.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        // Media Source attaches through a blob URL.
        mediaSrc: ["'self'", 'blob:'],
        // 'self' does not cover web sockets in every browser.
        connectSrc: ["'self'", 'ws:', 'wss:', ...(media === 'anywhere' ? ['http:', 'https:'] : [])],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        // By default any site may frame the watch page: no page has an action that is worth a hidden click.
        frameAncestors: [...ancestors],
      },
    },
    frameguard: false,
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    // On plain http, these two only fill the console with warnings.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    // HSTS applies to every port of the host: the operator decides about it, at the proxy that terminates TLS.
    strictTransportSecurity: false,
  });
}

/** For scripts that other sites' pages load. */
export const anyOrigin: RequestHandler = (_request, response, next) => {
  response.setHeader('Access-Control-Allow-Origin', '*');
  next();
};

/** For media, the busiest path: one header and nothing else. The relay adds CORS. */
export const mediaHeaders: RequestHandler = (_request, response, next) => {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  next();
};
