import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StreamName } from '@freshet/protocol';
import { readRange } from './byte-range.ts';

/** A response body in memory. */
export interface Body {
  readonly data: Buffer;
  readonly contentType: string;
  /** Strong, with its quotes. */
  readonly etag: string;
  readonly cacheControl: string;
  /** The compressed body, for clients that accept it; range requests get the plain one. */
  readonly gzip?: (() => Buffer) | undefined;
}

/** A body that never changes. `key`: identifies a segment within its stream, even if another has the same bytes. */
export type Media = Omit<Body, 'cacheControl'> & { readonly key?: string };

/** Counts the body bytes that the operating system accepted, including those of cut transfers. */
export interface OriginBytes {
  add(stream: StreamName, kind: OriginBytesKind, bytes: number): void;
}

export type OriginBytesKind = 'segment' | 'playlist' | 'init' | 'pieces';

/** Written to the socket at a time. Bytes are counted by slice, so a cut transfer is counted to within one slice. */
const SLICE_BYTES = 64 * 1024;
/** A viewer that reads nothing for this long is cut off: it would keep the segment in memory beyond the buffer. */
const IDLE_MS = 30_000;
/** So is one that takes longer than this for one body, even if it reads all the time. */
const WHOLE_MS = 10 * 60_000;

/**
 * Answers a GET or HEAD from memory: 200, 206, 304 or 416. Writes slices of the one buffer as the socket drains, and
 * allocates nothing of the body's size.
 * @param count called with the number of body bytes that the operating system accepted
 */
export function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  plain: Body,
  count: (bytes: number) => void,
): void {
  const body = negotiated(request, response, plain);
  const { data, etag } = body;
  response.setHeader('ETag', etag);
  response.setHeader('Cache-Control', body.cacheControl);
  response.setHeader('Accept-Ranges', 'bytes');
  if (matches(request.headers['if-none-match'], etag)) {
    response.removeHeader('Content-Encoding');
    response.statusCode = 304;
    response.end();
    return;
  }
  response.setHeader('Content-Type', body.contentType);
  let start = 0;
  let end = data.length;
  const ifRange = request.headers['if-range'];
  if (ifRange === undefined || ifRange === etag) {
    const range = readRange(request.headers.range, data.length);
    if (range.kind === 'unsatisfiable') {
      response.statusCode = 416;
      response.setHeader('Content-Range', `bytes */${data.length}`);
      response.setHeader('Cache-Control', 'no-store');
      response.setHeader('Content-Length', 0);
      response.end();
      return;
    }
    if (range.kind === 'part') {
      ({ start, end } = range);
      response.statusCode = 206;
      response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${data.length}`);
    }
  }
  response.setHeader('Content-Length', end - start);
  if (request.method === 'HEAD') response.end();
  else sendSlices(response, data, start, end, count);
}

function negotiated(request: IncomingMessage, response: ServerResponse, body: Body): Body {
  if (body.gzip === undefined) return body;
  response.setHeader('Vary', 'Accept-Encoding');
  const takesGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$|\s))/.test(
    request.headers['accept-encoding'] ?? '',
  );
  if (!takesGzip || request.headers.range !== undefined) return body;
  response.setHeader('Content-Encoding', 'gzip');
  return { ...body, data: body.gzip(), etag: body.etag.replace(/"$/, '-gzip"') };
}

function sendSlices(
  response: ServerResponse,
  data: Buffer,
  start: number,
  end: number,
  count: (bytes: number) => void,
): void {
  let offset = start;
  const cut = () => response.destroy();
  response.setTimeout(IDLE_MS, cut);
  const tooLong = setTimeout(cut, WHOLE_MS);
  response.once('close', () => {
    clearTimeout(tooLong);
  });
  const pump = () => {
    while (offset < end) {
      const slice = data.subarray(offset, Math.min(offset + SLICE_BYTES, end));
      offset += slice.length;
      const ready = response.write(slice, (error) => {
        if (!error) count(slice.length);
      });
      if (!ready && offset < end) {
        response.once('drain', pump);
        return;
      }
    }
    response.end();
  };
  pump();
}

/** If-None-Match: a list, or `*`; compared weakly, as RFC 9110 requires. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((candidate) => {
    const text = candidate.trim();
    return text === '*' || text.replace(/^W\//, '') === etag;
  });
}
