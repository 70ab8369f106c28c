import { type RenditionId, SEGMENT_TAG, segmentFile, segmentKey } from '@freshet/protocol';
import type { LiveEdge } from '../buffer/live-edge.ts';
import type { PlaylistEntry } from '../buffer/playlist-entry.ts';
import type { StoredInit } from '../buffer/stored-segment.ts';
import { controlLines, hintLine, partLines, partsFrom, skippedCount, withQuery } from './part-lines.ts';

/** The input of a media playlist. */
export interface MediaPlaylistInput {
  readonly id: RenditionId;
  /** The source's playlist-wide lines. */
  readonly header: readonly string[];
  /** The window, oldest first, with contiguous media sequence numbers. */
  readonly listed: readonly PlaylistEntry[];
  readonly ended: boolean;
  /** The target duration that was published before, in seconds: it must not fall again. */
  readonly longestSeconds: number;
  /** Whether the whole programme is listed: EXT-X-PLAYLIST-TYPE:VOD. */
  readonly whole: boolean;
  /** Parts, when there are any. */
  readonly edge?: LiveEdge;
}

/** What a private stream's addresses carry, such as `ticket=…`. Empty: nothing. */
export interface AddressQueries {
  /** Of segments and parts. */
  readonly media: string;
  readonly init: string;
}

const PUBLIC: AddressQueries = { media: '', init: '' };

/** The protocol version that each needs (RFC 8216bis, 8): decimal durations, key formats, EXT-X-MAP, -GAP and -SKIP. */
const DURATION_VERSION = 3;
const KEY_FORMAT_VERSION = 5;
const MAP_VERSION = 6;
const GAP_VERSION = 8;
const SKIP_VERSION = 9;

/**
 * Renders a rendition's media playlist line by line: keeps the source's lines, replaces its URIs with ours, and
 * computes the tags that depend on the window. URIs are relative to `/live/<stream>/<rendition>/index.m3u8`, except
 * those of segments that viewers fetch from the broadcaster's CDN.
 * @param more for low latency: other renditions' `reports`, and whether the client accepts a delta update (`skip`); for
 *   private streams: `queries`
 */
export function renderMediaPlaylist(
  input: MediaPlaylistInput,
  more: {
    readonly reports?: readonly string[];
    readonly skip?: boolean;
    readonly queries?: AddressQueries;
  } = {},
): string {
  const { queries = PUBLIC } = more;
  const { id, header, ended, whole } = input;
  const edge = ended || input.edge?.partTargetMs === undefined ? undefined : input.edge;
  const listed = sinceMapless(input.listed);
  const lines = ['#EXTM3U', `#EXT-X-VERSION:${Math.max(version(header, listed), edge ? SKIP_VERSION : 0)}`];
  lines.push(...header.filter((line) => !/^#EXT-X-(?:VERSION|TARGETDURATION):/.test(line)));
  const target = targetDuration(input);
  lines.push(`#EXT-X-TARGETDURATION:${target}`);
  if (edge) lines.push(...controlLines(edge, target));
  if (whole && ended) lines.push('#EXT-X-PLAYLIST-TYPE:VOD');
  const first = listed[0];
  lines.push(`#EXT-X-MEDIA-SEQUENCE:${first?.msn ?? 0}`);
  // No EXT-X-DISCONTINUITY is written before the first listed segment: this number counts its discontinuity instead.
  if (first !== undefined && first.timeline > 0)
    lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${first.timeline}`);
  const skipped = edge && more.skip === true ? skippedCount(listed, target) : 0;
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`);
  const partedFrom = edge && partsFrom(listed, target);
  let before = listed[skipped - 1];
  for (const entry of listed.slice(skipped)) {
    const parts = edge && entry.msn >= (partedFrom ?? 0) ? partLines(edge, entry, queries.media) : [];
    lines.push(...stateLines(entry, before, queries.init), ...entryLines(id, entry, parts, queries.media));
    before = entry;
  }
  if (edge) {
    const { open } = edge;
    if (open && edge.partsOf(open.msn).length > 0)
      lines.push(
        ...stateLines(open, before, queries.init),
        ...open.lines,
        ...partLines(edge, open, queries.media),
      );
    lines.push(...hintLine(edge, queries.media), ...(more.reports ?? []));
  }
  if (ended) lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}

type Placed = Pick<PlaylistEntry, 'timeline' | 'keys' | 'init' | 'initKeys'>;

/** EXT-X-MAP cannot be cancelled: when a source changes from fMP4 to MPEG-TS, the list starts over there. */
function sinceMapless(listed: readonly PlaylistEntry[]): readonly PlaylistEntry[] {
  const turn = listed.findLastIndex(
    (entry, index) => entry.init === undefined && listed[index - 1]?.init !== undefined,
  );
  return turn === -1 ? listed : listed.slice(turn);
}

/** Lines for discontinuity, init segment and keys, where they differ from the previous entry's. */
function stateLines(entry: Placed, before: Placed | undefined, query: string): string[] {
  const lines: string[] = [];
  const steps = before === undefined ? 0 : entry.timeline - before.timeline;
  for (let step = 0; step < steps; step++) lines.push('#EXT-X-DISCONTINUITY');
  let keys = before?.keys ?? [];
  const turnTo = (wanted: readonly string[]) => {
    if (wanted.join('\n') === keys.join('\n')) return;
    // A key of another format stays in force until it is ended, and only all keys can be ended at once.
    if (wanted.length < keys.length) lines.push('#EXT-X-KEY:METHOD=NONE');
    lines.push(...wanted);
    keys = wanted;
  };
  if (entry.init !== undefined && (entry.init !== before?.init || steps > 0)) {
    turnTo(entry.initKeys);
    lines.push(`#EXT-X-MAP:URI="${withQuery(initFile(entry.init), query)}"`);
  }
  turnTo(entry.keys);
  return lines;
}

function entryLines(
  id: RenditionId,
  entry: PlaylistEntry,
  parts: readonly string[],
  query: string,
): string[] {
  // Parts come before their segment's EXTINF, after the tags that apply to its start.
  const end = Math.max(
    0,
    entry.lines.findIndex((line) => line.startsWith('#EXTINF:')),
  );
  const lines = [...entry.lines.slice(0, end), ...parts, ...entry.lines.slice(end)];
  if (!isGap(entry) && entry.origin !== undefined) {
    const key = segmentKey({ epoch: entry.epoch, rendition: id, msn: entry.msn });
    lines.push(`${SEGMENT_TAG}${key}`, entry.origin);
  } else if (entry.segment === undefined && entry.onDemand !== undefined)
    lines.push(
      withQuery(segmentFile({ epoch: entry.epoch, rendition: id, msn: entry.msn }, entry.onDemand), query),
    );
  else if (entry.segment === undefined) {
    if (!entry.lines.includes('#EXT-X-GAP')) lines.push('#EXT-X-GAP');
    lines.push(segmentFile({ epoch: entry.epoch, rendition: id, msn: entry.msn }, 'gap'));
  } else lines.push(withQuery(segmentFile(entry.segment.id, entry.segment.extension), query));
  return lines;
}

/** An init segment's file below its rendition's folder. */
function initFile(init: StoredInit): string {
  return `init-${init.hash}.mp4?epoch=${init.epoch}`;
}

function version(header: readonly string[], listed: readonly PlaylistEntry[]): number {
  const declared = Math.max(
    0,
    ...header.map((line) => Number(/^#EXT-X-VERSION:(\d+)$/.exec(line)?.[1] ?? 0)),
  );
  const formats = listed.some(({ keys }) => keys.some((key) => /[:,]KEYFORMAT(?:VERSIONS)?=/.test(key)));
  const maps = listed.some((entry) => entry.init !== undefined);
  const gaps = listed.some(isGap);
  return Math.max(
    declared,
    DURATION_VERSION,
    formats ? KEY_FORMAT_VERSION : 0,
    maps ? MAP_VERSION : 0,
    gaps ? GAP_VERSION : 0,
  );
}

function isGap({ segment, onDemand }: PlaylistEntry): boolean {
  return segment === undefined && onDemand === undefined;
}

/** The source's target duration, or more if an entry is or was longer: in another epoch, or by the source's mistake. */
function targetDuration({ header, listed, longestSeconds }: MediaPlaylistInput): number {
  const declared = header.map((line) => Number(/^#EXT-X-TARGETDURATION:(\d+)/.exec(line)?.[1] ?? 0));
  const longest = listed.map((entry) => Math.round(entry.durationMs / 1000));
  return Math.max(1, longestSeconds, ...declared, ...longest);
}
