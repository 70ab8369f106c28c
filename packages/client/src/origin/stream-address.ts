import { SIGNALLING_PATH, STREAM_NAME, type StreamName } from '@freshet/protocol';

/** Where a stream's server is, read off its playlist's URL. */
export interface StreamAddress {
  readonly stream: StreamName;
  /** Scheme, host and port. */
  readonly serverOrigin: string;
  /** The path at which socket.io answers, base path included. */
  readonly signallingPath: string;
  /** What every URL of this stream's media starts with: `https://host/base/live/<stream>/`. */
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
