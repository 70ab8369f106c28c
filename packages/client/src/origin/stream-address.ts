import { SIGNALLING_PATH, STREAM_NAME, type StreamName } from '@freshet/protocol';

/** The server's addresses for one stream, derived from the URL of its playlist. */
export interface StreamAddress {
  readonly stream: StreamName;
  /** Scheme, host and port. */
  readonly serverOrigin: string;
  /** The path of socket.io, base path included. */
  readonly signallingPath: string;
  /** The prefix of every URL of this stream's media: `https://host/base/live/<stream>/`. */
  readonly mediaPrefix: string;
}

/** @returns undefined for a URL of any other shape than `…/live/<stream>/index.m3u8`. */
export function parseStreamUrl(url: string): StreamAddress | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin, pathname, protocol } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  const match = /^(.*)\/live\/([^/]+)\/index\.m3u8$/.exec(pathname);
  const [, base = '', stream = ''] = match ?? [];
  if (match === null || !STREAM_NAME.test(stream)) return undefined;
  return {
    stream,
    serverOrigin: origin,
    signallingPath: `${base}${SIGNALLING_PATH}`,
    mediaPrefix: `${origin}${base}/live/${stream}/`,
  };
}
