import express, { type ErrorRequestHandler, type Request, Router } from 'express';
import type { Logger } from 'pino';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import * as v from 'valibot';
import { ControlError } from '../http/control-error.ts';
import { type GateKeeper, sameOrigin } from './gate-keeper.ts';
import { openApi } from './open-api.ts';
import { type OperationParts, OPERATIONS } from './operations.ts';

/** Far more than any setting needs. */
const BODY_BYTES = 16 * 1024;
/** Of one address in ten seconds: a page that looks every second uses about 40. */
const REQUESTS = 300;
const WINDOW_S = 10;

const SignIn = v.strictObject({ token: v.pipe(v.string(), v.maxLength(512)) });

export interface ControlParts extends OperationParts {
  readonly gate: GateKeeper;
  readonly log: Logger;
}

/** The JSON API behind the console, below `/control`: everything but signing in needs a session or the token. */
export function controlRouter(parts: ControlParts): Router {
  const { gate, log } = parts;
  const router = Router();
  const limiter = new RateLimiterMemory({ points: REQUESTS, duration: WINDOW_S });
  router.use((request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    limiter.consume(request.ip ?? '').then(
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
    response.json({ signedIn: gate.isSignedIn(request) });
  });
  router.post('/session', async (request, response) => {
    await gate.signIn(request, response, parsed(SignIn, request).token);
    response.status(204).end();
  });
  router.delete('/session', (request, response) => {
    gate.signOut(request, response);
    response.status(204).end();
  });
  router.get('/openapi.json', (_request, response) => {
    response.json(openApi());
  });

  router.use(gate.guard);
  for (const { method, path, body, status = 200, run } of OPERATIONS)
    router[method](path, async (request, response) => {
      const name = String(request.params['name'] ?? '');
      const given = {
        name,
        query: request.query,
        body: body === undefined ? undefined : parsed(body, request),
      };
      const answer: unknown = await run(parts, given);
      if (method !== 'get') log.info({ method, path, stream: name }, 'control API change');
      if (status === 204) response.status(204).end();
      else response.status(status).json(answer);
    });
  router.use(() => {
    throw new ControlError(404, 'Not found. /control/openapi.json lists all calls.');
  });
  router.use(answerErrors(log));
  return router;
}

/** @throws ControlError 400 with the first thing that is wrong */
function parsed<Schema extends v.GenericSchema>(schema: Schema, request: Request): v.InferOutput<Schema> {
  const result = v.safeParse(schema, request.body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  throw new ControlError(400, where === null ? issue.message : `${where}: ${issue.message}`);
}

function answerErrors(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = statusOf(error);
    if (status >= 500) log.error({ err: error, path: request.path }, 'control API request failed');
    const message =
      error instanceof ControlError
        ? error.message
        : status >= 500
          ? 'Internal server error. See the server’s log.'
          : 'Invalid request: send JSON of at most 16 KiB.';
    response.status(status).json({ error: message });
  };
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('status' in error)) return 500;
  return typeof error.status === 'number' ? error.status : 500;
}
