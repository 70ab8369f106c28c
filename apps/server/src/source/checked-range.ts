import type { SourceRange } from './media-list.ts';
import { SourceFault } from './source-fault.ts';

/** @throws SourceFault when these are not the numbers of a byte range */
export function checkedRange(start: number, length: number): SourceRange {
  if (!Number.isSafeInteger(start) || start < 0 || !Number.isSafeInteger(length) || length < 1)
    throw new SourceFault('bad-playlist', `a byte range of ${length} bytes at ${start}`);
  return { start, length };
}
