/** The answer to a Range header. `start` is inclusive, `end` exclusive, in bytes. */
export type RangeAnswer =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

/** Far more than a range of a segment takes. A longer header is ignored as well. */
const MAX_CHARACTERS = 256;
const WHOLE: RangeAnswer = { kind: 'whole' };

/**
 * Reads a Range header (RFC 9110, 14.2). A header that is malformed, uses another unit, or requests several ranges is
 * ignored, as the RFC allows: the whole body is a valid answer to each of them.
 */
export function readRange(header: string | undefined, size: number): RangeAnswer {
  if (header === undefined || header.length > MAX_CHARACTERS) return WHOLE;
  const match = /^bytes\s*=\s*(?:(\d{1,15})\s*)?-\s*(\d{0,15})$/i.exec(header.trim());
  if (match === null) return WHOLE;
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return WHOLE;
    const suffix = Math.min(Number(last), size);
    return suffix === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', start: size - suffix, end: size };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return WHOLE;
  if (start >= size) return { kind: 'unsatisfiable' };
  return { kind: 'part', start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}
