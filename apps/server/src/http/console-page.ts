import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import compression from 'compression';
import express, { Router } from 'express';
import helmet from 'helmet';

/** Where the build puts the page; the same from src/http and from dist/http. */
const BUILT = fileURLToPath(new URL('../../../console/dist/', import.meta.url));

/** Nothing of other sites, no style in the markup, in nobody's frame; the watch page is shown in one as a preview. */
const headers = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      ...{ defaultSrc: ["'self'"], objectSrc: ["'none'"], baseUri: ["'none'"] },
      // The simulator of the planning page.
      workerSrc: ["'self'"],
      ...{ formAction: ["'self'"], frameAncestors: ["'none'"], imgSrc: ["'self'", 'data:'] },
    },
  },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  strictTransportSecurity: false,
});

/** The broadcaster's page at `/console/`. What it may show and do is the control API's decision. */
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
