import { MAX_MSN } from '@freshet/protocol';
import { Parser, type ParsedManifest, type ParsedSegment } from 'm3u8-parser';
import { SourceFault } from '../../stream/source-fault.ts';
import type { MediaList, SourceSegment } from './media-list.ts';
import { linesPassedOn, newest, type SegmentLines, walkLines } from './segment-lines.ts';
import { absoluteUrl, checkedRange, type SourceRange } from './source-location.ts';

/** Segments read from one list: the newest. */
const MAX_SEGMENTS = 5000;
/** Playlist-wide lines that are passed on: a playlist has one of each tag. */
const MAX_HEADER_LINES = 20;
const MAX_HEADER_CHARACTERS = 4096;
/** Date ranges after the last segment that are passed on; if there are more, the first are dropped. */
const MAX_RANGES = 1000;
const MAX_RANGES_CHARACTERS = 256 * 1024;
/**
 * RFC 8216 sets no limit, and subtitle segments last minutes. A higher target is a mistake that would stall our
 * polling.
 */
const MAX_TARGET_SECONDS = 600;
const MAX_SEGMENT_MS = 600_000;

/**
 * Playlist-wide tags that are passed on. The others are regenerated, or concern features that are not (parts, delta
 * updates).
 */
const HEADER = /^#EXT-X-(?:VERSION|TARGETDURATION|INDEPENDENT-SEGMENTS|START|ALLOW-CACHE)(?::|$)/;
/** Tags given to the parser. It is slow on other tags when they are many or malformed. */
const PARSED = /^#EXT(?:INF:|-X-PROGRAM-DATE-TIME:)/;

/**
 * Reads a media playlist.
 * @param lines from `playlistLines`. @param url of the playlist, after redirects
 * @throws SourceFault when it cannot be followed
 */
export function readMediaPlaylist(lines: readonly string[], url: string): MediaList {
  if (lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:')))
    throw bad('a multivariant playlist instead of a media playlist');
  const found = walkLines(lines, url);
  const skipped = Math.max(0, found.length - MAX_SEGMENTS);
  const kept = found.slice(skipped);
  const header = [
    ...newest(
      lines.filter((line) => HEADER.test(line)),
      MAX_HEADER_LINES,
      MAX_HEADER_CHARACTERS,
    ),
    ...newest(rangesAfter(lines), MAX_RANGES, MAX_RANGES_CHARACTERS),
  ];
  const manifest = parse([
    ...lines.filter((line) => /^#EXT-X-(?:TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE):/.test(line)),
    ...kept.flatMap((segment) => [...segment.raw.filter((line) => PARSED.test(line)), segment.uri]),
  ]);
  const parsed = manifest.segments ?? [];
  const target = manifest.targetDuration ?? Math.max(1, ...parsed.slice(-20).map((s) => s.duration ?? 0));
  const firstMsn = (manifest.mediaSequence ?? 0) + skipped;
  const firstTimeline = manifest.discontinuitySequence ?? 0;
  if (!(target >= 0 && target <= MAX_TARGET_SECONDS)) throw bad(`invalid target duration: ${target} s`);
  if (!isCount(firstMsn) || firstMsn + kept.length > MAX_MSN)
    throw bad(`invalid media sequence number: ${firstMsn}`);
  if (!isCount(firstTimeline)) throw bad(`invalid discontinuity sequence number: ${firstTimeline}`);
  return {
    targetDurationMs: Math.max(1, target) * 1000,
    segments: join(kept, parsed, url, firstMsn, firstTimeline),
    numbersTimelines: lines.some((line) => line.startsWith('#EXT-X-DISCONTINUITY-SEQUENCE:')),
    ended: lines.includes('#EXT-X-ENDLIST'),
    header,
  };
}

/**
 * A date range applies to the whole playlist wherever it stands. After the last segment it belongs to no segment yet,
 * and in a playlist that has ended it never will.
 */
function rangesAfter(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => !line.startsWith('#'));
  return lines.slice(last + 1).filter((line) => line.startsWith('#EXT-X-DATERANGE:'));
}

function parse(lines: readonly string[]): ParsedManifest {
  const parser = new Parser();
  try {
    parser.push(`#EXTM3U\n${lines.join('\n')}\n`);
    parser.end();
  } catch (error) {
    // The parser throws errors of any class, because it does not expect malformed values.
    throw bad(`the playlist cannot be parsed: ${String(error)}`);
  }
  return parser.manifest;
}

/** Combines the values from the parser with the lines to pass on, segment by segment. */
function join(
  kept: readonly SegmentLines[],
  parsed: readonly ParsedSegment[],
  url: string,
  firstMsn: number,
  firstTimeline: number,
): SourceSegment[] {
  let rangeEnd: { readonly url: string; readonly end: number } | undefined;
  return kept.map((segment, index) => {
    const values = parsed[index];
    if (values?.uri !== segment.uri) throw bad(`the URI of segment ${index} differs from the parsed one`);
    const location = absoluteUrl(segment.uri, url);
    const range = readRange(segment, location, rangeEnd);
    rangeEnd = range && { url: location, end: range.start + range.length };
    const durationMs = Math.round((values.duration ?? 0) * 1000);
    if (!(durationMs >= 0 && durationMs <= MAX_SEGMENT_MS))
      throw bad(`invalid segment duration: ${durationMs} ms`);
    return {
      msn: firstMsn + index,
      url: location,
      range,
      durationMs,
      timeline: firstTimeline + segment.discontinuities,
      gap: segment.gap,
      dateTime: values.programDateTime ?? undefined,
      lines: linesPassedOn(segment, durationMs),
      keys: segment.keys,
      map: segment.map,
    };
  });
}

/**
 * EXT-X-BYTERANGE without an offset continues where the previous segment ended, in the same resource. It is read from
 * the line, because the parser continues across resources.
 */
function readRange(
  { raw }: SegmentLines,
  url: string,
  before: { readonly url: string; readonly end: number } | undefined,
): SourceRange | undefined {
  const line = raw.findLast((line) => line.startsWith('#EXT-X-BYTERANGE:'));
  if (line === undefined) return undefined;
  const [length = Number.NaN, offset] = line
    .slice(line.indexOf(':') + 1)
    .split('@')
    .map(Number);
  return checkedRange(offset ?? (before?.url === url ? before.end : Number.NaN), length);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function bad(message: string): SourceFault {
  return new SourceFault('bad-playlist', message);
}
