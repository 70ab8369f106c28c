import type { RequestHandler } from 'express';
import type { Metrics } from '../metrics/metrics.ts';

/** After SIGTERM: answers 503 to requests on open connections, and closes the connections. */
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
