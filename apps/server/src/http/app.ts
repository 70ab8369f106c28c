import express, { type ErrorRequestHandler, type Express, type RequestHandler, Router } from 'express';
import type { Logger } from 'pino';
import type { Config } from '../config/options.ts';
import { cmcd } from './cmcd.ts';
import { consolePage } from './console-page.ts';
import { drainGate } from './drain-gate.ts';
import { notFound } from './not-found.ts';
import { pagesRouter, type PagesParts } from './pages.ts';
import { requestLog } from './request-log.ts';
import { mediaHeaders } from './security-headers.ts';
import { statusRouter, type StatusParts } from './status.ts';

export interface AppParts extends StatusParts, PagesParts {
  readonly config: Pick<Config, 'basePath' | 'trustProxy'>;
  /** Serves playlists and segments below `/live`. */
  readonly relay: Router;
  /** Takes what encoders push below `/ingest`. */
  readonly ingest: Router;
  /** The console's API, below `/control`. Default: there is no console. */
  readonly control?: Router | undefined;
  /** What pages ask that take part in rehearsals, below `/rehearse`. Default: there are none. */
  readonly rehearsal?: Router | undefined;
  readonly log: Logger;
}

/** Everything that this server answers over HTTP; the tracker's socket is beside it. */
export function createApp(parts: AppParts): Express {
  const { config, metrics, relay, streamNames } = parts;

  const root = Router();
  root.use(statusRouter(parts));
  if (parts.control !== undefined) {
    root.use('/control', parts.control);
    root.use(consolePage());
  }
  if (parts.rehearsal !== undefined) root.use(parts.rehearsal);
  root.use(drainGate(parts.isDraining, metrics));
  root.use('/live', mediaHeaders, cmcd(parts.hasStream, metrics));
  root.use(relay);
  root.use(parts.ingest);
  root.use(pagesRouter(parts));

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustProxy);
  app.set('base path', config.basePath);
  app.use(requestLog(parts.log));
  if (config.basePath !== '') app.get(config.basePath, addSlash(config.basePath));
  app.use(config.basePath === '' ? '/' : config.basePath, root);
  app.use((request, response) => {
    notFound(request, response, streamNames());
  });
  app.use(lastResort(parts.log));
  return app;
}

/** The start page's relative addresses need the slash. The answer is relative too, for proxies with a path of theirs. */
function addSlash(basePath: string): RequestHandler {
  const last = basePath.slice(basePath.lastIndexOf('/') + 1);
  return (request, response, next) => {
    if (request.path === basePath) response.redirect(301, `${last}/`);
    else next();
  };
}

/** Express hands over what a handler threw, and addresses that cannot be decoded. */
function lastResort(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const status = statusOf(error);
    if (status >= 500) log.error({ err: error, path: request.path }, 'request failed');
    if (response.headersSent) {
      // Half an answer is out: cutting the connection is the only way to say that it is not whole.
      next(error);
      return;
    }
    response
      .status(status)
      .type('text/plain')
      .send(status >= 500 ? 'Internal server error.\n' : 'Bad request.\n');
  };
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('status' in error)) return 500;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
