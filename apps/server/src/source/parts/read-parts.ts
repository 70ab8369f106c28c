import type { Millis } from '@freshet/protocol';
import { readAttributes } from '../playlist/attribute-list.ts';
import type { MediaList, SourceMap } from '../playlist/media-list.ts';
import { linesPassedOn, walkLines } from '../playlist/segment-lines.ts';
import { absoluteUrl, checkedRange, type SourceRange } from '../playlist/source-location.ts';

/** A partial segment as a source lists it. */
export interface SourcePart {
  /** Absolute. */
  readonly url: string;
  /** undefined: the whole resource. */
  readonly range: SourceRange | undefined;
  readonly durationMs: Millis;
  readonly independent: boolean;
  readonly gap: boolean;
}

/** What a low-latency source lists besides its segments. */
export interface SourceParts {
  readonly partTargetMs: Millis;
  /** The source holds a request for the next part until that part exists. */
  readonly blocksReload: boolean;
  /** The next part, if it is a file of its own. A request made now is answered when the part exists. */
  readonly hint: string | undefined;
  /** By the source's media sequence number, including the segment in progress. */
  readonly bySegment: ReadonlyMap<number, readonly SourcePart[]>;
  /** The segment in progress: the one after the last listed segment. */
  readonly open: {
    readonly msn: number;
    /** Discontinuities between the last listed segment and this one. */
    readonly steps: number;
    readonly lines: readonly string[];
    readonly keys: readonly string[];
    readonly map: SourceMap | undefined;
  };
}

/** Bounds of the part target: a longer one is a mistake, and a shorter one would cause too many requests. */
const MAX_PART_SECONDS = 30;
const MIN_PART_SECONDS = 0.02;
/** Stands in for the URI of the segment in progress. */
const OPEN_URI = 'open';

/**
 * @param lines from `playlistLines`. @param url of the playlist. @param list read from the lines
 * @returns undefined when the source lists no parts. @throws SourceFault on an invalid address or range
 */
export function readParts(lines: readonly string[], url: string, list: MediaList): SourceParts | undefined {
  const last = list.segments.at(-1);
  const info = lines.find((line) => line.startsWith('#EXT-X-PART-INF:'));
  if (info === undefined || last === undefined || list.ended) return undefined;
  const target = Number(readAttributes(info).get('PART-TARGET'));
  if (!(target >= MIN_PART_SECONDS && target <= MAX_PART_SECONDS)) return undefined;
  const control = lines.find((line) => line.startsWith('#EXT-X-SERVER-CONTROL:'));
  const found = walkLines([...lines, OPEN_URI], url);
  const [before, open] = found.slice(-2);
  if (before === undefined || open === undefined) return undefined;
  const bySegment = new Map<number, readonly SourcePart[]>();
  found.forEach(({ raw }, index) => {
    const parts = partsOf(raw, url);
    if (parts.length > 0) bySegment.set(last.msn + 2 - found.length + index, parts);
  });
  return {
    partTargetMs: target * 1000,
    blocksReload: control !== undefined && readAttributes(control).get('CAN-BLOCK-RELOAD') === 'YES',
    hint: hintOf(lines, url),
    bySegment,
    open: {
      msn: last.msn + 1,
      steps: open.discontinuities - before.discontinuities,
      // EXTINF follows with the complete segment.
      lines: linesPassedOn(open, 0).filter((line) => !line.startsWith('#EXTINF:')),
      keys: open.keys,
      map: open.map,
    },
  };
}

function hintOf(lines: readonly string[], base: string): string | undefined {
  const hints = lines.filter((line) => line.startsWith('#EXT-X-PRELOAD-HINT:')).map(readAttributes);
  const hint = hints.find((attributes) => attributes.get('TYPE') === 'PART');
  const uri = hint?.get('URI');
  // A range without an end may take any time to arrive.
  return uri === undefined || hint?.has('BYTERANGE-START') ? undefined : absoluteUrl(uri, base);
}

function partsOf(raw: readonly string[], base: string): readonly SourcePart[] {
  let end: { readonly url: string; readonly at: number } | undefined;
  return raw
    .filter((line) => line.startsWith('#EXT-X-PART:'))
    .map((line) => {
      const attributes = readAttributes(line);
      const url = absoluteUrl(attributes.get('URI') ?? '', base);
      const [length = Number.NaN, offset] = attributes.get('BYTERANGE')?.split('@').map(Number) ?? [];
      const range = attributes.has('BYTERANGE')
        ? checkedRange(offset ?? (end?.url === url ? end.at : 0), length)
        : undefined;
      end = range && { url, at: range.start + range.length };
      return {
        url,
        range,
        durationMs: Number(attributes.get('DURATION') ?? 0) * 1000,
        independent: attributes.get('INDEPENDENT') === 'YES',
        gap: attributes.get('GAP') === 'YES',
      };
    });
}
