import { Router } from 'express';
import type { PushIntake } from './push-intake.ts';

/** `/ingest/<stream>/<key>/<file>`: an encoder's HLS output, file by file. */
export function ingestRouter(intake: PushIntake): Router {
  const router = Router();
  router.use('/ingest', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    await intake.receive({ request, response, path: request.path.slice(1), address: request.ip ?? '' });
  });
  return router;
}
