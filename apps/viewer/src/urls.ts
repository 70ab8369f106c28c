import { STREAM_NAME } from '@freshet/protocol';

/** The server's base URL, ending in `/`, from the URL of a file directly in it (embed.js, the list page). */
export function serverBeside(fileUrl: string): string {
  return new URL('.', fileUrl).href;
}

/** The server's base URL from the URL of a watch page, `<base>/watch/<stream>`, or of a rehearsal page. */
export function serverOfWatchPage(pageUrl: string): string {
  return new URL('..', pageUrl).href;
}

/** The stream of a watch page or a rehearsal page; undefined if its path has no valid name. */
export function streamOfWatchPage(pageUrl: string): string | undefined {
  const name = /\/(?:watch|rehearse)\/([^/]+)$/.exec(new URL(pageUrl).pathname)?.[1];
  return name !== undefined && isStreamName(name) ? name : undefined;
}

export function isStreamName(text: string): boolean {
  return STREAM_NAME.test(text);
}

/**
 * `server` may have a final `/`, and may be absolute or relative to `pageUrl`.
 * @throws TypeError if it is not a URL.
 */
export function playlistUrl(server: string, stream: string, pageUrl: string): string {
  const base = server.endsWith('/') ? server : `${server}/`;
  return new URL(`live/${stream}/index.m3u8`, new URL(base, pageUrl)).href;
}
