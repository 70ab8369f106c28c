import type { IncomingHttpHeaders } from 'node:http';
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

/** The answer to a GET or HEAD, before anything of it is sent. */
export interface BodyAnswer {
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly data: Buffer;
  /** The bytes of `data` that are sent, `end` exclusive: none for HEAD, 304 and 416. */
  readonly start: number;
  readonly end: number;
}

/** Evaluates the conditions and the range of a request: 200, 206, 304 or 416. */
export function answerWith(
  { method, headers }: { readonly method?: string | undefined; readonly headers: IncomingHttpHeaders },
  plain: Body,
): BodyAnswer {
  const zipped = plain.gzip !== undefined && headers.range === undefined && takesGzip(headers);
  const etag = zipped ? plain.etag.replace(/"$/, '-gzip"') : plain.etag;
  const common = {
    ...(plain.gzip !== undefined && { Vary: 'Accept-Encoding' }),
    ...{ ETag: etag, 'Cache-Control': plain.cacheControl, 'Accept-Ranges': 'bytes' },
  };
  const nothing = { data: plain.data, start: 0, end: 0 };
  if (matches(headers['if-none-match'], etag)) return { status: 304, headers: common, ...nothing };
  const data = zipped ? plain.gzip() : plain.data;
  const { length } = data;
  const ifRange = headers['if-range'];
  const range = ifRange === undefined || ifRange === etag ? readRange(headers.range, length) : undefined;
  const typed = {
    ...{ ...common, 'Content-Type': plain.contentType },
    ...(zipped && { 'Content-Encoding': 'gzip' }),
  };
  if (range?.kind === 'unsatisfiable') {
    const none = { 'Content-Range': `bytes */${length}`, 'Cache-Control': 'no-store', 'Content-Length': 0 };
    return { status: 416, headers: { ...typed, ...none }, ...nothing };
  }
  const { start, end } = range?.kind === 'part' ? range : { start: 0, end: length };
  const isPart = range?.kind === 'part';
  return {
    status: isPart ? 206 : 200,
    headers: {
      ...typed,
      ...(isPart && { 'Content-Range': `bytes ${start}-${end - 1}/${length}` }),
      'Content-Length': end - start,
    },
    ...{ data, start, end: method === 'HEAD' ? start : end },
  };
}

function takesGzip(headers: IncomingHttpHeaders): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$|\s))/.test(headers['accept-encoding'] ?? '');
}

/** Whether the client wants no body, whatever the ETag. */
export function wantsNothing({ 'if-none-match': header }: IncomingHttpHeaders): boolean {
  return header?.split(',').some((candidate) => candidate.trim() === '*') === true;
}

/** If-None-Match: a list, or `*`; compared weakly, as RFC 9110 requires. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((candidate) => {
    const text = candidate.trim();
    return text === '*' || text.replace(/^W\//, '') === etag;
  });
}
