import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import compression from 'compression';
import express, { type Response, Router } from 'express';
import type { StreamName } from '@freshet/protocol';
import { notFound } from './not-found.ts';
import { anyOrigin, pageHeaders } from './security-headers.ts';

/** The build's output folder; the path is the same from src/http and from dist/http. */
const BUILT_PAGES = fileURLToPath(new URL('../../../viewer/dist/', import.meta.url));

const NOT_BUILT = 'The pages are not built. Run "npm run build" in the project, then reload.\n';

/** Revalidated on each load, and answered 304 if unchanged: a page must match the scripts that it names. */
const REVALIDATE = 'no-cache';
/** The embed is on pages that we do not control: an update reaches them within five minutes. */
const EMBED = 'public, max-age=300';
const HOUR = 'public, max-age=3600';
/** For names with a content hash. */
const FOREVER = 'public, max-age=31536000, immutable';

export interface PagesParts {
  readonly hasStream: (name: StreamName) => boolean;
  readonly streamNames: () => Iterable<StreamName>;
  /** Default: media comes from this server. */
  readonly media?: 'here' | 'anywhere' | undefined;
  /** The sites that may frame the pages, for `frame-ancestors`. Default: all. */
  readonly ancestors?: readonly string[] | undefined;
  /** Default: the build's output folder. */
  readonly folder?: string | undefined;
}

/**
 * The built pages: `/`, `/watch/<stream>`, `/rehearse/<stream>`, `/embed.js`, `/assets/*`. They use relative addresses
 * only.
 */
export function pagesRouter({
  hasStream,
  streamNames,
  media,
  ancestors,
  folder = BUILT_PAGES,
}: PagesParts): Router {
  // Strict: a trailing slash changes the meaning of relative addresses, so `/watch/x/` redirects to `/watch/x`.
  const router = Router({ strict: true });
  router.use(pageHeaders(media, ancestors), compression());

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
  // The icon and similar files.
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
