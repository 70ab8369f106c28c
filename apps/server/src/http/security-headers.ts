import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Headers of the pages and scripts. What differs from helmet's defaults does so because this server's pages are made
 * to stand on other people's sites, and because it often runs on plain http in a local network.
 * @param media `anywhere`: segments come from the broadcaster's CDN, whose hosts only its playlists know
 */
export function pageHeaders(media: 'here' | 'anywhere' = 'here'): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // hls.js demuxes in a worker that it makes from a blob.
        workerSrc: ["'self'", 'blob:'],
        // The page for addresses at which nothing is has its style in the markup.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        // Media Source attaches as a blob.
        mediaSrc: ["'self'", 'blob:'],
        // 'self' does not cover web sockets in every browser.
        connectSrc: ["'self'", 'ws:', 'wss:', ...(media === 'anywhere' ? ['http:', 'https:'] : [])],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        // The watch page may stand in an iframe anywhere; no page here has anything to gain by a hidden click.
        frameAncestors: ['*'],
      },
    },
    frameguard: false,
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    // These two do nothing on plain http but fill the console with warnings.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    // Concerns every port of the host: the operator's decision, at the proxy that ends TLS.
    strictTransportSecurity: false,
  });
}

/** For scripts that other sites' pages load. */
export const anyOrigin: RequestHandler = (_request, response, next) => {
  response.setHeader('Access-Control-Allow-Origin', '*');
  next();
};

/** For media, the busiest path: one header and nothing else. CORS is the relay's. */
export const mediaHeaders: RequestHandler = (_request, response, next) => {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  next();
};
