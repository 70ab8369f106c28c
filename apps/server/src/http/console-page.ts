import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import compression from 'compression';
import express, { Router } from 'express';
import helmet from 'helmet';

/** The console's build output. The relative path is the same from src/http and from dist/http. */
const BUILT = fileURLToPath(new URL('../../../console/dist/', import.meta.url));

/**
 * Block content of other sites, inline styles, and framing of the console. The console itself may frame the watch page,
 * its preview: `default-src` allows the same origin.
 */
const headers = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      ...{ defaultSrc: ["'self'"], objectSrc: ["'none'"], baseUri: ["'none'"] },
      // The planning page runs the simulator in a worker.
      workerSrc: ["'self'"],
      ...{ formAction: ["'self'"], frameAncestors: ["'none'"], imgSrc: ["'self'", 'data:'] },
    },
  },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  strictTransportSecurity: false,
});

/** The broadcaster's page at `/console/`. It is public and holds no data: the control API checks the token. */
export function consolePage(folder = BUILT): Router {
  const router = Router({ strict: true });
  router.get('/console', (_request, response) => {
    response.redirect(301, 'console/');
  });
  router.use('/console', headers, compression());
  router.get('/console/', (_request, response) => {
    const file = path.join(folder, 'index.html');
    if (existsSync(file)) response.sendFile(file, { headers: { 'Cache-Control': 'no-cache' } });
    else response.status(503).type('text/plain').send('The console is not built. Run "npm run build".\n');
  });
  router.use(
    '/console/assets',
    express.static(path.join(folder, 'assets'), {
      index: false,
      redirect: false,
      immutable: true,
      maxAge: '365d',
    }),
  );
  return router;
}
