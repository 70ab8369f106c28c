import type { Request, Response } from 'express';
import type { StreamName } from '@freshet/protocol';

/** Answers 404 in the format that the client accepts: a page that lists the streams, JSON, or a line of text. */
export function notFound(request: Request, response: Response, streams: Iterable<StreamName>): void {
  const names = [...streams];
  const known = names.length === 0 ? 'none' : names.join(', ');
  response.status(404).setHeader('Cache-Control', 'no-store');
  response.format({
    text: () => response.send(`Not found. Available streams: ${known}.\n`),
    html: () => response.send(page(rootOf(request), names)),
    json: () => response.json({ error: 'not-found', streams: names }),
    default: () => response.type('text/plain').send(`Not found. Available streams: ${known}.\n`),
  });
}

/** The server's root, relative to the requested address: it works below a base path and behind any proxy. */
function rootOf(request: Request): string {
  const below = (request.baseUrl + request.path).slice(basePathOf(request).length);
  return '../'.repeat(Math.max(0, below.split('/').length - 2)) || './';
}

function basePathOf(request: Request): string {
  const settings: unknown = request.app.get('base path');
  return typeof settings === 'string' ? settings : '';
}

/** Stream names are letters, digits, `-` and `_`: nothing in them needs escaping. */
function page(root: string, names: readonly StreamName[]): string {
  const links = names.map((name) => `<li><a href="${root}watch/${name}">${name}</a></li>`).join('');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Page not found · Freshet</title>
<style>body{font:1.1rem/1.6 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1.5rem;color:#0b2a3a;background:#f6fbfc}a{color:#0a6f8a}@media(prefers-color-scheme:dark){body{color:#dff2f4;background:#0b2a3a}a{color:#7fd4e0}}</style>
<h1>Page not found</h1>
<p>${names.length === 0 ? 'No streams are available right now.' : 'Available streams:'}</p>
<ul>${links}</ul>
<p><a href="${root}">Go to the start page</a></p>
</html>
`;
}
