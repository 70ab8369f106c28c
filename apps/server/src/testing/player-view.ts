/** A segment of a media playlist as a player understands it (RFC 8216, 4.3 and 6.3). */
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
  /** EXT-X-KEY lines in force, by their formats. */
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

/** The number that a tag of the whole playlist has; undefined without it. */
export function tagNumber(lines: readonly string[], tag: string): number | undefined {
  const line = lines.find((line) => line.startsWith(`#${tag}:`));
  return line === undefined ? undefined : Number(line.slice(tag.length + 2));
}
