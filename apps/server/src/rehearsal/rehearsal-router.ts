import { STREAM_NAME } from '@freshet/protocol';
import { Router } from 'express';
import type { Rehearsals } from './rehearsals.ts';

const PAGE = /^[\w-]{8,40}$/;

/**
 * `GET /rehearse/<stream>/pass?page=<its own name>`: the request of pages that take part. Headless pages, which are
 * counted otherwise, send no name. Public, like the watch page: a pass permits nothing but watching, and a viewer that
 * presents it counts as rehearsing.
 */
export function rehearsalRouter(rehearsals: Pick<Rehearsals, 'ask'>): Router {
  const router = Router();
  router.get('/rehearse/:stream/pass', (request, response) => {
    const { stream } = request.params;
    const { page } = request.query;
    response.setHeader('Cache-Control', 'no-store');
    if (!STREAM_NAME.test(stream) || (page !== undefined && (typeof page !== 'string' || !PAGE.test(page)))) {
      response.status(400).json({ error: 'Invalid stream or page.' });
      return;
    }
    response.json({ pass: rehearsals.ask(stream, page) ?? null });
  });
  return router;
}
