import { Router } from 'express';
import type { AuthService } from '../../access/auth-service.ts';
import type { PushIntake } from './push-intake.ts';

/** `/ingest/<stream>/<key>/<file>`: an encoder's HLS output, file by file. */
/** @param service asked about every upload with the right key. Default: the key suffices */
export function ingestRouter(intake: PushIntake, service?: AuthService): Router {
  const router = Router();
  router.use('/ingest', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    const address = request.ip ?? '';
    await intake.receive({
      ...{ request, response, path: request.path.slice(1), address },
      permits: (path, key) =>
        service?.ask({
          ...{ user: '', password: key, token: key, ip: address, action: 'publish', path },
          ...{ protocol: 'hls', id: '', query: '' },
        }) ?? Promise.resolve('yes'),
    });
  });
  return router;
}
