/** A segment of a media playlist as a player reads it (RFC 8216, 4.3 and 6.3). */
export interface SeenSegment {
  readonly uri: string;
  readonly msn: number;
  readonly seconds: number;
  /** Its discontinuity sequence number. */
  readonly timeline: number;
  readonly gap: boolean;
  readonly dateTime: string | undefined;
  /** The EXT-X-MAP line in force. */
  readonly map: string | undefined;
  /** EXT-X-KEY lines in force, one for each format. */
  readonly keys: readonly string[];
}

export function seenSegments(lines: readonly string[]): SeenSegment[] {
  const first = tagNumber(lines, 'EXT-X-MEDIA-SEQUENCE') ?? 0;
  let timeline = tagNumber(lines, 'EXT-X-DISCONTINUITY-SEQUENCE') ?? 0;
  const keys = new Map<string, string>();
  let map: string | undefined;
  let own: { seconds?: number; gap?: boolean; dateTime?: string } = {};
  const segments: SeenSegment[] = [];
  for (const line of lines) {
    const [, tag = '', value = ''] = /^#(EXT[^:]*):?(.*)$/.exec(line) ?? [];
    if (tag === 'EXTINF') own.seconds = Number.parseFloat(value);
    else if (tag === 'EXT-X-GAP') own.gap = true;
    else if (tag === 'EXT-X-PROGRAM-DATE-TIME') own.dateTime = value;
    else if (tag === 'EXT-X-DISCONTINUITY') timeline++;
    else if (tag === 'EXT-X-MAP') map = line;
    else if (line === '#EXT-X-KEY:METHOD=NONE') keys.clear();
    else if (tag === 'EXT-X-KEY') keys.set(/KEYFORMAT="([^"]*)"/.exec(value)?.[1] ?? 'identity', line);
    else if (!line.startsWith('#')) {
      const { seconds = Number.NaN, gap = false, dateTime } = own;
      const msn = first + segments.length;
      segments.push({ uri: line, msn, seconds, timeline, gap, dateTime, map, keys: [...keys.values()] });
      own = {};
    }
  }
  return segments;
}

/** The value of a playlist-wide tag; undefined without the tag. */
export function tagNumber(lines: readonly string[], tag: string): number | undefined {
  const line = lines.find((line) => line.startsWith(`#${tag}:`));
  return line === undefined ? undefined : Number(line.slice(tag.length + 2));
}

/** A part of a media playlist as a player reads it (RFC 8216bis, 4.4.4.9). */
export interface SeenPart {
  readonly uri: string;
  /** Of its segment, which may be in progress. */
  readonly msn: number;
  /** From 0. */
  readonly index: number;
  readonly seconds: number;
  readonly independent: boolean;
  /** EXT-X-MAP and EXT-X-KEY lines in force, and the number of discontinuities before it in the list. */
  readonly state: string;
}

/** The parts of a full list, or of a delta update with EXT-X-SKIP. */
export function seenParts(lines: readonly string[]): SeenPart[] {
  let msn =
    (tagNumber(lines, 'EXT-X-MEDIA-SEQUENCE') ?? 0) +
    (attributeNumber(lines, 'EXT-X-SKIP', 'SKIPPED-SEGMENTS') ?? 0);
  let index = 0;
  let discontinuities = 0;
  let map = '';
  let key = '';
  const parts: SeenPart[] = [];
  for (const line of lines) {
    if (line.startsWith('#EXT-X-PART:')) {
      const [, uri = ''] = /URI="([^"]*)"/.exec(line) ?? [];
      const seconds = Number(/DURATION=([\d.]+)/.exec(line)?.[1]);
      const independent = line.includes('INDEPENDENT=YES');
      parts.push({
        uri,
        msn,
        index: index++,
        seconds,
        independent,
        state: `${discontinuities} ${map} ${key}`,
      });
    } else if (line.startsWith('#EXT-X-MAP:')) map = line;
    else if (line.startsWith('#EXT-X-KEY:')) key = line;
    else if (line === '#EXT-X-DISCONTINUITY') discontinuities++;
    else if (!line.startsWith('#')) {
      msn++;
      index = 0;
    }
  }
  return parts;
}

/** A numeric attribute of a tag; undefined without it. */
export function attributeNumber(lines: readonly string[], tag: string, name: string): number | undefined {
  const line = lines.find((line) => line.startsWith(`#${tag}:`)) ?? '';
  const value = new RegExp(`[:,]${name}=([\\d.]+)`).exec(line)?.[1];
  return value === undefined ? undefined : Number(value);
}
