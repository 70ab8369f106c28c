import { STREAM_NAME } from '@freshet/protocol';
import { Router } from 'express';
import type { Rehearsals } from './rehearsals.ts';

const PAGE = /^[\w-]{8,40}$/;

/**
 * `GET /rehearse/<stream>/pass?page=<its own name>`: what pages that take part ask; headless ones, which are counted otherwise,
 * say no name. Public, as the watch page is: a pass lets
 * nobody do more than watch, and who shows it counts as a rehearsing viewer.
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
