import { SourceFault } from '../../stream/source-fault.ts';

/** Bytes `start` to `start + length - 1` of a resource. */
export interface SourceRange {
  readonly start: number;
  readonly length: number;
}

/** Something of a source that can be fetched. */
export interface SourceLocation {
  /** Absolute, http or https. */
  readonly url: string;
  /** undefined: all of it. */
  readonly range: SourceRange | undefined;
}

/**
 * A URI of a playlist as an absolute http or https URL. It is only ever fetched, never turned into a path of ours.
 * @throws SourceFault for what is no such URL
 */
export function absoluteUrl(uri: string, base: string): string {
  const url = URL.canParse(uri, base) ? new URL(uri, base) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new SourceFault('bad-playlist', `not an http(s) URL: ${uri.slice(0, 200)}`);
  return url.href;
}

/** @throws SourceFault when these are not the numbers of a byte range */
export function checkedRange(start: number, length: number): SourceRange {
  if (!Number.isSafeInteger(start) || start < 0 || !Number.isSafeInteger(length) || length < 1)
    throw new SourceFault('bad-playlist', `invalid byte range: ${length} bytes at ${start}`);
  return { start, length };
}
