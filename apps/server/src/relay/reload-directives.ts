import type { LiveEdge } from '../buffer/live-edge.ts';
import type { RenditionBuffer } from '../buffer/rendition-buffer.ts';

/** Delivery directives of a playlist request (RFC 8216bis, 6.2.5). */
export interface ReloadDirectives {
  /** Answer once the playlist has this segment, or this part of it. */
  readonly until: { readonly msn: number; readonly part: number | undefined } | undefined;
  /** The client accepts a delta update. */
  readonly skip: boolean;
}

/** A request for a segment further ahead than this is a mistake. */
const AHEAD_SEGMENTS = 2;
/** So is one for a part further ahead than this many seconds and this many parts (the advance part limit). */
const AHEAD_PARTS = 3;

/** @returns undefined if the directives are invalid */
export function readDirectives(query: Record<string, unknown>): ReloadDirectives | undefined {
  const { _HLS_msn: msn, _HLS_part: part, _HLS_skip: skip } = query;
  if (msn === undefined && part !== undefined) return undefined;
  if (![msn, part].every((value) => value === undefined || isCount(value))) return undefined;
  return {
    until: isCount(msn) ? { msn: Number(msn), part: isCount(part) ? Number(part) : undefined } : undefined,
    skip: skip === 'YES' || skip === 'v2',
  };
}

/** Whether a request may be answered now. `refuse`: it asks for media too far ahead to wait for. */
export function reloadState(
  { until }: ReloadDirectives,
  { edge, nextMsn = 0, ended }: Pick<RenditionBuffer, 'edge' | 'nextMsn' | 'ended'>,
): 'now' | 'wait' | 'refuse' {
  const { hint, partTargetMs } = edge;
  if (until === undefined || hint === undefined || partTargetMs === undefined || ended) return 'now';
  const { msn, part } = behindItsSegment(until, edge, nextMsn) ? { msn: nextMsn, part: 0 } : until;
  if (msn < nextMsn) return 'now';
  if (msn > nextMsn - 1 + AHEAD_SEGMENTS) return 'refuse';
  if (part === undefined || msn !== hint.msn) return 'wait';
  if (part < hint.part) return 'now';
  const limit = Math.max(AHEAD_PARTS, Math.ceil((AHEAD_PARTS * 1000) / partTargetMs));
  return part > hint.part - 1 + limit ? 'refuse' : 'wait';
}

/** Whether the part is past the last one of a complete segment: it then means the first part of the next segment. */
function behindItsSegment(
  { msn, part = 0 }: NonNullable<ReloadDirectives['until']>,
  edge: LiveEdge,
  nextMsn: number,
): boolean {
  return msn === nextMsn - 1 && part > 0 && part >= edge.partsOf(msn).length;
}

function isCount(value: unknown): value is string {
  return typeof value === 'string' && /^(?:0|[1-9]\d{0,14})$/.test(value);
}
