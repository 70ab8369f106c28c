import { type Failure, type ResponseOf, ROUTES, type RouteSpec, splitRoute } from '@freshet/api';
import type { StreamName } from '@freshet/protocol';
import express, { type ErrorRequestHandler, type Request, Router } from 'express';
import type { Logger } from 'pino';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import * as v from 'valibot';
import { ControlError } from '../http/control-error.ts';
import { LimitedLog } from '../log/limited-log.ts';
import { shownAddress } from '../util/shown-address.ts';
import { watchChange } from './audit-change.ts';
import { type GateKeeper, sameOrigin } from './gate-keeper.ts';
import { type GuardedRoute, type HandlerParts, HANDLERS } from './handlers.ts';
import { openApi } from './open-api.ts';

/** Maximum size of a request body: far more than any request needs. */
const BODY_BYTES = 16 * 1024;
/** Maximum of requests from one address in ten seconds. A page that refreshes every second sends about 40. */
const REQUESTS = 300;
const WINDOW_S = 10;

export interface ControlParts extends HandlerParts {
  readonly gate: GateKeeper;
  readonly log: Logger;
}

/**
 * The JSON API behind the console, below `/control`. All routes except `/session` and `/openapi.json` need a session or
 * the token.
 */
export function controlRouter(parts: ControlParts): Router {
  const { gate, audit, log } = parts;
  const router = Router();
  const limiter = new RateLimiterMemory({ points: REQUESTS, duration: WINDOW_S });
  router.use((request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    // Requests of strangers at the same address do not count against those of a session.
    limiter.consume(`${gate.isSignedIn(request) ? 'session' : 'stranger'} ${request.ip ?? ''}`).then(
      () => {
        next();
      },
      () => {
        next(new ControlError(429, 'Too many requests; retry in ten seconds.'));
      },
    );
  });
  router.use(sameOrigin, express.json({ limit: BODY_BYTES, type: '*/*' }));

  router.get('/session', (request, response) => {
    const session: ResponseOf<'GET /session'> = { signedIn: gate.isSignedIn(request) };
    response.json(session);
  });
  router.post('/session', async (request, response) => {
    await gate.signIn(request, response, parsed(ROUTES['POST /session'].body, request.body).token);
    response.status(204).end();
  });
  router.delete('/session', (request, response) => {
    if (gate.isSignedIn(request))
      audit.add({ network: shownAddress(request.ip, 'prefix') ?? '', action: 'sign-out' });
    gate.signOut(request, response);
    response.status(204).end();
  });
  router.get('/openapi.json', (_request, response) => {
    response.json(openApi());
  });

  router.use(gate.guard);
  for (const route of Object.keys(HANDLERS).filter(isGuarded)) {
    const { method, path: template } = splitRoute(route);
    const path = template.replace('{name}', ':name');
    const { status, media }: RouteSpec = ROUTES[route];
    router[method](path, async (request, response) => {
      const describe = watchChange(route, parts, streamOf(request));
      const body: unknown = await answer(route, parts, request);
      if (describe !== undefined)
        audit.add({ network: shownAddress(request.ip, 'prefix') ?? '', ...describe() });
      if (method !== 'get')
        log.info({ method, path, stream: request.params['name'] ?? '' }, 'control API change');
      if (status === 204) response.status(204).end();
      else if (media === 'application/json') response.status(status).json(body);
      else response.status(status).type(media).send(body);
    });
  }
  router.use(() => {
    throw new ControlError(404, 'Not found. /control/openapi.json lists all calls.');
  });
  router.use(answerErrors(log));
  return router;
}

/** The stream that a request is about: in its path, or in the body that adds it. Empty: none. */
function streamOf(request: Request): StreamName {
  const body: unknown = request.body;
  const added = typeof body === 'object' && body !== null && 'name' in body ? body.name : undefined;
  return String(request.params['name'] ?? (typeof added === 'string' ? added : ''));
}

function isGuarded(route: string): route is GuardedRoute {
  return Object.hasOwn(HANDLERS, route);
}

/** @throws ControlError 400 if the request does not match the route's schemas */
function answer<R extends GuardedRoute>(
  route: R,
  parts: ControlParts,
  request: Request,
): ResponseOf<R> | Promise<ResponseOf<R>> {
  const { query, body }: (typeof ROUTES)[R] = ROUTES[route];
  return HANDLERS[route](parts, {
    name: String(request.params['name'] ?? ''),
    query: parsed(query, request.query, ({ message }) => message),
    body: parsed(body, request.body),
  });
}

/** @throws ControlError 400 that describes the first issue */
function parsed<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  describe = describeWithPath,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw new ControlError(400, describe(result.issues[0]));
}

function describeWithPath(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}

function answerErrors(log: Logger): ErrorRequestHandler {
  const limited = new LimitedLog(log);
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows error handlers by their four parameters.
  return (error: unknown, request, response, _next) => {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const status = statusOf(error);
    if (status >= 500)
      limited.write('error', { err: error, path: request.path.slice(0, 200) }, 'control API request failed');
    const message =
      error instanceof ControlError
        ? error.message
        : status >= 500
          ? 'Internal server error. See the server’s log.'
          : 'Invalid request: send JSON of at most 16 KiB.';
    const failure: Failure = { error: message };
    response.status(status).json(failure);
  };
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('status' in error)) return 500;
  return typeof error.status === 'number' ? error.status : 500;
}
