import type { Millis } from '@freshet/protocol';
import type { MediaList, SourceSegment } from '../playlist/media-list.ts';

/**
 * How a newly loaded list relates to the previous one.
 * `unchanged`: no new segment; `advanced`: it continues the previous list; `doubtful`: it seems to, but after a pause
 * in which an encoder may have restarted: compare the bytes of a segment that both lists name; `stale`: an older copy
 * from a cache; `restarted`: another encoding under the same address.
 */
export type Judgement = 'unchanged' | 'advanced' | 'doubtful' | 'stale' | 'restarted';

export interface LoadedList {
  readonly list: MediaList;
  readonly loadedAt: Millis;
  /** Last-Modified of the response, milliseconds since 1970. */
  readonly modifiedAt: number | undefined;
}

/** Durations of one segment in two lists may differ by rounding. */
const DURATION_TOLERANCE_MS = 100;
/** Largest correction expected of the clock that stamps EXT-X-PROGRAM-DATE-TIME. */
const DATE_TOLERANCE_MS = 10_000;
/** Segments by which a list may be ahead of real time, as in a burst after a pause. */
const BURST = 20;

/** @param before the last accepted list. @param behindSince when lists began to lag behind it */
export function judgeList(before: LoadedList, now: LoadedList, behindSince: Millis | undefined): Judgement {
  const oldList = before.list.segments;
  const newList = now.list.segments;
  const [oldFirst, oldLast] = [oldList[0], oldList.at(-1)];
  const [newFirst, newLast] = [newList[0], newList.at(-1)];
  // An empty list proves nothing: the encoder may be about to start.
  if (newFirst === undefined || newLast === undefined) return 'unchanged';
  if (oldFirst === undefined || oldLast === undefined) return 'advanced';
  const elapsed = now.loadedAt - before.loadedAt;
  if (newFirst.msn > oldLast.msn) {
    const possible = elapsed / Math.max(100, meanDuration(newList)) + BURST;
    return newFirst.msn - oldLast.msn > possible + 1 ? 'restarted' : 'advanced';
  }
  if (newLast.msn < oldFirst.msn) return 'restarted';
  for (const segment of newList) {
    const known = oldList[segment.msn - oldFirst.msn];
    if (known !== undefined && contradicts(known, segment)) return 'restarted';
  }
  if (newLast.msn === oldLast.msn) return 'unchanged';
  const target = now.list.targetDurationMs;
  if (newLast.msn > oldLast.msn) {
    const lost = elapsed - (newLast.msn - oldLast.msn + 1) * meanDuration(newList);
    return elapsed > 3 * target && lost > target ? 'doubtful' : 'advanced';
  }
  // The list went back without contradicting the previous one. A cache would serve an older copy, and soon the new one
  // again.
  if ((now.modifiedAt ?? 0) > (before.modifiedAt ?? Infinity)) return 'restarted';
  return behindSince !== undefined && now.loadedAt - behindSince > 2 * target ? 'restarted' : 'stale';
}

/** The newest segment in both lists. `doubtful` asks to compare its bytes. */
export function commonSegment(before: MediaList, now: MediaList): SourceSegment | undefined {
  const first = before.segments[0]?.msn ?? 0;
  return now.segments.findLast(({ msn }) => before.segments[msn - first] !== undefined);
}

function contradicts(a: SourceSegment, b: SourceSegment): boolean {
  if (baseName(a.url) !== baseName(b.url)) return true;
  if (Math.abs(a.durationMs - b.durationMs) > DURATION_TOLERANCE_MS) return true;
  if (a.dateTime === undefined || b.dateTime === undefined) return false;
  return Math.abs(a.dateTime - b.dateTime) > DATE_TOLERANCE_MS;
}

/**
 * The file name in a URL. Host, folder and query of a segment may change with tokens and load balancing; its name
 * rarely does.
 */
function baseName(url: string): string {
  const { pathname } = new URL(url);
  return pathname.slice(pathname.lastIndexOf('/') + 1);
}

function meanDuration(segments: readonly SourceSegment[]): Millis {
  return segments.reduce((sum, { durationMs }) => sum + durationMs, 0) / segments.length;
}
