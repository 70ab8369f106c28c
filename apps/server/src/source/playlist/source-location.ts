import { SourceFault } from '../../stream/source-fault.ts';

/** Bytes `start` to `start + length - 1` of a resource. */
export interface SourceRange {
  readonly start: number;
  readonly length: number;
}

/** A resource of a source, or a byte range of one. */
export interface SourceLocation {
  /** Absolute, http or https. */
  readonly url: string;
  /** undefined: the whole resource. */
  readonly range: SourceRange | undefined;
}

/**
 * Resolves a URI of a playlist to an absolute http or https URL. It is only ever fetched, never turned into a path of
 * ours.
 * @throws SourceFault on any other URL
 */
export function absoluteUrl(uri: string, base: string): string {
  const url = URL.canParse(uri, base) ? new URL(uri, base) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new SourceFault('bad-playlist', `not an http(s) URL: ${uri.slice(0, 200)}`);
  return url.href;
}

/** @throws SourceFault when the numbers are not a valid byte range */
export function checkedRange(start: number, length: number): SourceRange {
  if (!Number.isSafeInteger(start) || start < 0 || !Number.isSafeInteger(length) || length < 1)
    throw new SourceFault('bad-playlist', `invalid byte range: ${length} bytes at ${start}`);
  return { start, length };
}
