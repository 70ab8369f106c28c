import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  Router,
} from 'express';
import type { Logger } from 'pino';
import type { Config } from '../config/options.ts';
import { LimitedLog } from '../log/limited-log.ts';
import { clientAddress } from '../util/client-address.ts';
import { cmcd } from './cmcd.ts';
import { consolePage } from './console-page.ts';
import { drainGate } from './drain-gate.ts';
import { notFound } from './not-found.ts';
import { pagesRouter, type PagesParts } from './pages.ts';
import { requestLog, SHOWN_PATH } from './request-log.ts';
import { mediaHeaders } from './security-headers.ts';
import { statusRouter, type StatusParts } from './status.ts';
import { undeclaredProxy } from './undeclared-proxy.ts';

export interface AppParts extends StatusParts, PagesParts {
  readonly config: Pick<Config, 'basePath' | 'trustProxy' | 'logAddresses'>;
  /** The network of a viewer's address. */
  readonly networkOf: (address: string) => string;
  /** Serves playlists and segments below `/live`. */
  readonly relay: Router;
  /** Receives the uploads of encoders, below `/ingest`. */
  readonly ingest: Router;
  /** The console's API, below `/control`. Default: no console. */
  readonly control?: Router | undefined;
  /** Answers the pages that take part in rehearsals, below `/rehearse`. Default: no rehearsals. */
  readonly rehearsal?: Router | undefined;
  readonly log: Logger;
}

/** All HTTP routes of this server. The tracker attaches its socket separately. */
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
  root.use('/live', mediaHeaders, cmcd(parts.hasStream, parts.networkOf, metrics));
  root.use(relay);
  root.use(parts.ingest);
  root.use(pagesRouter(parts));

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustProxy);
  // The same rule as in the tracker: express has one of its own.
  Object.defineProperty(app.request, 'ip', {
    get(this: Request): string {
      return clientAddress(
        { address: this.socket.remoteAddress ?? '', headers: this.headers },
        config.trustProxy,
      );
    },
  });
  app.use(undeclaredProxy(config.trustProxy, parts.log));
  app.set('base path', config.basePath);
  app.use(requestLog(parts.log, config.logAddresses));
  if (config.basePath !== '') app.get(config.basePath, addSlash(config.basePath));
  app.use(config.basePath === '' ? '/' : config.basePath, root);
  app.use((request, response) => {
    notFound(request, response, streamNames());
  });
  app.use(lastResort(parts.log));
  return app;
}

/** The start page's relative addresses need the slash. The redirect is relative too, for proxies that add a path. */
function addSlash(basePath: string): RequestHandler {
  const last = basePath.slice(basePath.lastIndexOf('/') + 1);
  return (request, response, next) => {
    if (request.path === basePath) response.redirect(301, `${last}/`);
    else next();
  };
}

/** Answers requests whose handler threw, or whose address cannot be decoded. */
function lastResort(log: Logger): ErrorRequestHandler {
  const limited = new LimitedLog(log);
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows error handlers by their four parameters.
  return (error: unknown, request, response, _next) => {
    const status = statusOf(error);
    if (status >= 500)
      limited.write('error', { err: error, path: request.path.slice(0, SHOWN_PATH) }, 'request failed');
    if (response.headersSent) {
      // The response is half sent: only cutting the connection tells the client that it is incomplete. Express would
      // do so too, and write to standard error.
      response.destroy();
      return;
    }
    response
      .status(status)
      .type('text/plain')
      .send(status >= 500 ? 'Internal server error.\n' : 'Bad request.\n');
  };
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 500;
  // Of Node's parser: the client sent something that is not HTTP while a response was under way.
  if ('code' in error && String(error.code).startsWith('HPE_')) return 400;
  if (!('status' in error)) return 500;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
