import { type Millis } from '@freshet/protocol';
import type { LiveEdge, PartPlace } from '../buffer/live-edge.ts';
import type { PlaylistEntry } from '../buffer/playlist-entry.ts';

/**
 * Parts are listed within the last three target durations. A player stays three target durations behind the end, or
 * three part target durations if it plays parts (RFC 8216bis, 4.4.3.8).
 */
const LISTED_TARGETS = 3;
const HOLD_BACK_TARGETS = 3;
const PART_HOLD_BACK_TARGETS = 3;
/** The least distance of the skip boundary from the end (RFC 8216bis, 4.4.3.8). */
const SKIP_TARGETS = 6;

/** A part's file below its rendition's folder. */
function partFile({ epoch, msn, part }: PartPlace, extension: string): string {
  return `${msn}.${part}.${extension}?epoch=${epoch}`;
}

/** Adds parameters to an address that has some. */
export function withQuery(address: string, query: string): string {
  return query === '' ? address : `${address}&${query}`;
}

/** Playlist-wide tags; none while no parts are offered. */
export function controlLines(edge: LiveEdge, targetSeconds: number): string[] {
  if (edge.partTargetMs === undefined) return [];
  const control = [
    'CAN-BLOCK-RELOAD=YES',
    `CAN-SKIP-UNTIL=${seconds(SKIP_TARGETS * targetSeconds * 1000)}`,
    `PART-HOLD-BACK=${seconds(PART_HOLD_BACK_TARGETS * edge.partTargetMs)}`,
    `HOLD-BACK=${seconds(HOLD_BACK_TARGETS * targetSeconds * 1000)}`,
  ];
  return [
    `#EXT-X-SERVER-CONTROL:${control.join(',')}`,
    `#EXT-X-PART-INF:PART-TARGET=${seconds(edge.partTargetMs)}`,
  ];
}

/** EXT-X-PART lines of a segment. @param query what the addresses carry */
export function partLines(
  edge: LiveEdge,
  { epoch, msn }: { epoch: number; msn: number },
  query: string,
): string[] {
  return edge.partsOf(msn).map(({ durationMs, independent }, part) => {
    const uri = withQuery(partFile({ epoch, msn, part }, edge.extension), query);
    const start = independent ? ',INDEPENDENT=YES' : '';
    return `#EXT-X-PART:DURATION=${seconds(durationMs)},URI="${uri}"${start}`;
  });
}

/** The first media sequence number whose parts are listed. */
export function partsFrom(listed: readonly PlaylistEntry[], targetSeconds: number): number {
  return withinMs(listed, LISTED_TARGETS * targetSeconds * 1000);
}

/** The number of segments that a delta update skips: those older than the skip boundary. */
export function skippedCount(listed: readonly PlaylistEntry[], targetSeconds: number): number {
  const first = listed[0];
  if (first === undefined) return 0;
  return withinMs(listed, SKIP_TARGETS * targetSeconds * 1000) - first.msn;
}

/** The EXT-X-PRELOAD-HINT line of the next part, if there is a hint. */
export function hintLine(edge: LiveEdge, query: string): string[] {
  const { hint } = edge;
  if (hint === undefined) return [];
  return [`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${withQuery(partFile(hint, edge.extension), query)}"`];
}

/** The EXT-X-RENDITION-REPORT line of another rendition, which tells a player that switches to it what to request. */
export function reportLine(id: string, edge: LiveEdge, nextMsn: number | undefined): string[] {
  const { hint } = edge;
  if (hint === undefined || nextMsn === undefined) return [];
  // LAST-PART counts within LAST-MSN, which is the open segment if it has a part, else the last complete one.
  const last =
    hint.part > 0
      ? { msn: hint.msn, part: hint.part - 1 }
      : { msn: nextMsn - 1, part: Math.max(0, edge.partsOf(nextMsn - 1).length - 1) };
  return [`#EXT-X-RENDITION-REPORT:URI="../${id}/index.m3u8",LAST-MSN=${last.msn},LAST-PART=${last.part}`];
}

/** The media sequence number of the first entry that lies at least partially within `ms` of the end. */
function withinMs(listed: readonly PlaylistEntry[], ms: Millis): number {
  let newerMs = 0;
  const outside = listed.findLastIndex((entry) => {
    if (newerMs >= ms) return true;
    newerMs += entry.durationMs;
    return false;
  });
  return (listed[outside + 1] ?? listed.at(-1))?.msn ?? 0;
}

function seconds(ms: Millis): number {
  return Number((ms / 1000).toFixed(5));
}
