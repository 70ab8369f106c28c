import { SourceFault } from '../../stream/source-fault.ts';
import { readAttributes, replaceQuoted } from './attribute-list.ts';
import type { SourceMap } from './media-list.ts';
import { absoluteUrl, checkedRange } from './source-location.ts';

/** The lines of one segment in a media playlist, and the list's state at that place. */
export interface SegmentLines {
  readonly uri: string;
  /** All lines since the previous segment, unchanged. */
  readonly raw: readonly string[];
  /** EXT-X-DISCONTINUITY tags before it in the list. */
  readonly discontinuities: number;
  readonly gap: boolean;
  /** EXT-X-KEY lines in force, their URIs absolute. */
  readonly keys: readonly string[];
  readonly map: SourceMap | undefined;
}

/** Lines of one segment that are passed on. If a source writes more, the first ones are dropped. */
const MAX_LINES = 100;
/** The same in characters. An ad marker has some hundred, a date range up to a few thousand. */
const MAX_CHARACTERS = 64 * 1024;
/** Key formats in force at a time. Fewer DRM systems are in use. */
const MAX_KEYS = 16;

/**
 * Tags that are regenerated or read into other fields, and those of low-latency parts: their URIs would lead past us.
 */
const DROPPED =
  /^#(?:EXTM3U|EXT-X-(?:VERSION|TARGETDURATION|INDEPENDENT-SEGMENTS|START|ALLOW-CACHE|MEDIA-SEQUENCE|DISCONTINUITY|DISCONTINUITY-SEQUENCE|PLAYLIST-TYPE|ENDLIST|BYTERANGE|MAP|KEY|SERVER-CONTROL|PART-INF|PART|PRELOAD-HINT|RENDITION-REPORT|SKIP|I-FRAMES-ONLY))(?:[:\s]|$)/;

/** Splits a media playlist into its segments. @throws SourceFault on an invalid key, map or address */
export function walkLines(lines: readonly string[], url: string): SegmentLines[] {
  const segments: SegmentLines[] = [];
  const keys = new Map<string, string>();
  let keyLines: readonly string[] = [];
  let map: SourceMap | undefined;
  let raw: string[] = [];
  let discontinuities = 0;
  for (const line of lines) {
    if (line.startsWith('#')) {
      raw.push(line);
      if (line.startsWith('#EXT-X-KEY:')) keyLines = turnKey(keys, line, url);
      else if (line.startsWith('#EXT-X-MAP:')) map = readMap(line, url, keyLines);
      else if (line === '#EXT-X-DISCONTINUITY') discontinuities++;
    } else {
      const gap = raw.includes('#EXT-X-GAP');
      segments.push({ uri: line, raw, discontinuities, gap, keys: keyLines, map });
      raw = [];
    }
  }
  return segments;
}

/** A segment's lines for our playlist: unknown tags unchanged, and always an EXTINF. */
export function linesPassedOn({ raw }: SegmentLines, durationMs: number): readonly string[] {
  const lines = newest(
    raw.filter((line) => !DROPPED.test(line)),
    MAX_LINES,
    MAX_CHARACTERS,
  );
  if (lines.some((line) => line.startsWith('#EXTINF:'))) return lines;
  return [...lines, `#EXTINF:${(durationMs / 1000).toFixed(3)},`];
}

/** The last lines that together are within both limits. */
export function newest(lines: readonly string[], maxLines: number, maxCharacters: number): string[] {
  let characters = 0;
  const before = lines.findLastIndex((line) => (characters += line.length) > maxCharacters);
  return lines.slice(before + 1).slice(-maxLines);
}

/**
 * Makes a key's address absolute. Keys are never fetched or cached here: viewers request them from their owner. Other
 * schemes (skd:, data:) stay unchanged.
 */
export function absoluteKey(line: string, base: string): string {
  const uri = readAttributes(line).get('URI');
  if (uri === undefined || /^(?!https?:)[a-z][a-z0-9+.-]*:/i.test(uri)) return line;
  return replaceQuoted(line, 'URI', absoluteUrl(uri, base));
}

/** A key applies until the next of the same format; METHOD=NONE ends them all (RFC 8216, 4.3.2.4). */
function turnKey(keys: Map<string, string>, line: string, url: string): readonly string[] {
  const attributes = readAttributes(line);
  if (attributes.get('METHOD') === 'NONE') keys.clear();
  else keys.set(attributes.get('KEYFORMAT') ?? 'identity', absoluteKey(line, url));
  if (keys.size > MAX_KEYS) throw new SourceFault('bad-playlist', 'too many key formats');
  return [...keys.values()];
}

function readMap(line: string, base: string, keys: readonly string[]): SourceMap {
  const attributes = readAttributes(line);
  const uri = attributes.get('URI');
  if (uri === undefined) throw new SourceFault('bad-playlist', 'EXT-X-MAP without a URI');
  const [length = Number.NaN, start = 0] = attributes.get('BYTERANGE')?.split('@').map(Number) ?? [];
  const range = attributes.has('BYTERANGE') ? checkedRange(start, length) : undefined;
  return { url: absoluteUrl(uri, base), range, keys };
}
