import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import compression from 'compression';
import express, { type Response, Router } from 'express';
import type { StreamName } from '@freshet/protocol';
import { notFound } from './not-found.ts';
import { anyOrigin, pageHeaders } from './security-headers.ts';

/** Where the build puts the pages; the same from src/http and from dist/http. */
const BUILT_PAGES = fileURLToPath(new URL('../../../viewer/dist/', import.meta.url));

const NOT_BUILT = 'The pages are not built. Run "npm run build" in the project, then reload.\n';

/** Asked for again each time, answered 304 when nothing changed: a page must fit the scripts it names. */
const REVALIDATE = 'no-cache';
/** An embed stands on pages we do not control: five minutes until an update reaches them. */
const EMBED = 'public, max-age=300';
const HOUR = 'public, max-age=3600';
/** Names with a content hash. */
const FOREVER = 'public, max-age=31536000, immutable';

export interface PagesParts {
  readonly hasStream: (name: StreamName) => boolean;
  readonly streamNames: () => Iterable<StreamName>;
  /** Default: media comes from this server. */
  readonly media?: 'here' | 'anywhere' | undefined;
  /** Default: what the build made. */
  readonly folder?: string | undefined;
}

/**
 * The built pages: `/`, `/watch/<stream>`, `/rehearse/<stream>`, `/embed.js`, `/assets/*`. They use relative addresses only.
 */
export function pagesRouter({ hasStream, streamNames, media, folder = BUILT_PAGES }: PagesParts): Router {
  // Strict: relative addresses mean something else behind a slash, so `/watch/x/` leads to `/watch/x`.
  const router = Router({ strict: true });
  router.use(pageHeaders(media), compression());

  const sendPage = (response: Response, file: string, cacheControl: string) => {
    const whole = path.join(folder, file);
    if (existsSync(whole)) response.sendFile(whole, { headers: { 'Cache-Control': cacheControl } });
    else response.status(503).type('text/plain').send(NOT_BUILT);
  };

  router.get('/', (_request, response) => {
    sendPage(response, 'index.html', REVALIDATE);
  });
  for (const page of ['watch', 'rehearse']) {
    router.get(`/${page}/:stream`, (request, response) => {
      const { stream = '' } = request.params as { stream?: string };
      if (hasStream(stream)) sendPage(response, `${page}/index.html`, REVALIDATE);
      else notFound(request, response, streamNames());
    });
    router.get(`/${page}/:stream/`, (request, response) => {
      const { stream = '' } = request.params as { stream?: string };
      response.redirect(301, `../${encodeURIComponent(stream)}`);
    });
  }
  router.get('/embed.js', anyOrigin, (_request, response) => {
    sendPage(response, 'embed.js', EMBED);
  });
  router.use(
    '/assets',
    anyOrigin,
    express.static(path.join(folder, 'assets'), {
      index: false,
      redirect: false,
      setHeaders: (response) => response.setHeader('Cache-Control', FOREVER),
    }),
  );
  // The icon and the like.
  router.use(
    express.static(folder, {
      index: false,
      redirect: false,
      extensions: false,
      setHeaders: (response) => response.setHeader('Cache-Control', HOUR),
    }),
  );
  return router;
}
