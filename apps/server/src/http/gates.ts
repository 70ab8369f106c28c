import type { RequestHandler } from 'express';
import type { Metrics } from '../metrics/metrics.ts';

/** After SIGTERM: whoever still asks over an open connection is sent away, and the connection is closed. */
export function drainGate(isDraining: () => boolean, metrics: Metrics): RequestHandler {
  return (_request, response, next) => {
    if (!isDraining()) {
      next();
      return;
    }
    metrics.countRefusedRequest('draining');
    response.setHeader('Connection', 'close');
    response.setHeader('Retry-After', '5');
    response.status(503).type('text/plain').send('The server is shutting down. Try again in a moment.\n');
  };
}

/** A playlist of renditions is asked for by who starts to watch; `/live/<stream>/<rendition>/index.m3u8` by who watches. */
const NEW_VIEWER = /^\/[^/]+\/index\.m3u8$/;

/**
 * The egress cap: while the last two seconds' media is above it, new viewers and segments are answered 503. Media
 * playlists pass: they are small, and with them viewers find out what their neighbours can give them.
 * Mounted at `/live`. @param limitBps bits a second; undefined: no cap.
 */
export function egressGate(limitBps: number | undefined, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const over = limitBps !== undefined && metrics.egress.bitsPerSecond > limitBps;
    const isMediaPlaylist = request.path.endsWith('.m3u8') && !NEW_VIEWER.test(request.path);
    if (!over || isMediaPlaylist || request.method === 'OPTIONS') {
      next();
      return;
    }
    metrics.countRefusedRequest('egress-limit');
    // Or a player on another site could not tell this answer from a network fault.
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', 'Retry-After');
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Retry-After', NEW_VIEWER.test(request.path) ? '5' : '1');
    response
      .status(503)
      .type('text/plain')
      .send('The server sends as much as it may. Try again in a moment.\n');
  };
}
