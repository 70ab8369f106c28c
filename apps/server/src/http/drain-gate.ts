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
    response.status(503).type('text/plain').send('The server is shutting down; retry shortly.\n');
  };
}
