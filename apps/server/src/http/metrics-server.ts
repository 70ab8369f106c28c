import { createServer, type Server } from 'node:http';
import express from 'express';
import { metricsRouter, type StatusParts } from './status.ts';

/** A server of its own for `/metrics` and `/healthz`, so that the public one need not have them. Does not listen yet. */
export function openMetricsServer(parts: StatusParts): Server {
  const app = express();
  app.disable('x-powered-by');
  app.use(metricsRouter(parts));
  app.use((_request, response) => {
    response.status(404).type('text/plain').send('Not found. There are /metrics and /healthz.\n');
  });
  const server = createServer({ headersTimeout: 15_000, requestTimeout: 30_000 }, app);
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

/** A few scrapers. */
const MAX_CONNECTIONS = 50;
