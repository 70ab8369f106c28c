import type { Millis } from '@freshet/protocol';
import type { SourceParts } from './read-parts.ts';

/** The playlist's address with the directives that make a source hold its response until the next part exists. */
export function blockingUrl(url: string, before: SourceParts | undefined): string {
  if (before?.blocksReload !== true) return url;
  const { msn } = before.open;
  const part = before.bySegment.get(msn)?.length ?? 0;
  // Appended, not set: the query may be signed.
  return `${url}${url.includes('?') ? '&' : '?'}_HLS_msn=${msn}&_HLS_part=${part}`;
}

/**
 * The wait before the next load. A source that blocks reloads is polled at once; one that does not, or that responded
 * without anything new, is polled once per part.
 */
export function partWait(before: SourceParts | undefined, now: SourceParts, tookMs: Millis): Millis {
  const changed =
    before?.open.msn !== now.open.msn ||
    before.bySegment.get(now.open.msn)?.length !== now.bySegment.get(now.open.msn)?.length;
  return now.blocksReload && changed ? 0 : Math.max(0, now.partTargetMs - tookMs);
}
