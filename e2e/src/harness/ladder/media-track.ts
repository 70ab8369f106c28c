/** One segment of a rendition as a broadcaster lists it. */
interface TrackEntry {
  readonly seconds: number;
  readonly uri: string;
  /** Byte range of the file at `uri`; absent: all of it. */
  readonly range?: { readonly start: number; readonly length: number };
  /** The EXT-X-MAP line in force. */
  readonly map?: string;
  /** The EXT-X-KEY line that applies to that init segment. */
  readonly mapKey?: string;
  /** The EXT-X-KEY line in force. */
  readonly key?: string;
  /** An EXT-X-DISCONTINUITY precedes it. */
  readonly discontinuity?: boolean;
}

/** A rendition's segments in order, and the files that contain them, by name. */
export interface Track {
  readonly entries: readonly TrackEntry[];
  readonly files: ReadonlyMap<string, Buffer>;
}

/**
 * A media playlist of the segments from `first` up to `end`.
 * @param ended no segment follows.
 */
export function renderTrack({ entries }: Track, first: number, end: number, ended: boolean): string {
  const listed = entries.slice(first, end);
  const longest = Math.max(1, ...listed.map(({ seconds }) => Math.ceil(seconds)));
  const before = entries.slice(0, first).filter(({ discontinuity }) => discontinuity).length;
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${longest}`,
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${before}`,
  ];
  let last: TrackEntry | undefined;
  let key: string | undefined;
  const turnTo = (wanted: string | undefined) => {
    if (wanted !== undefined && wanted !== key) lines.push(wanted);
    key = wanted ?? key;
  };
  for (const entry of listed) {
    if (entry.discontinuity === true) lines.push('#EXT-X-DISCONTINUITY');
    if (entry.map !== undefined && entry.map !== last?.map) {
      turnTo(entry.mapKey);
      lines.push(entry.map);
    }
    turnTo(entry.key);
    lines.push(`#EXTINF:${entry.seconds.toFixed(6)},`);
    if (entry.range !== undefined) lines.push(`#EXT-X-BYTERANGE:${entry.range.length}@${entry.range.start}`);
    lines.push(entry.uri);
    last = entry;
  }
  if (ended) lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}

/** Reads the ended playlist that ffmpeg wrote beside its files. @param files of the same folder, by name */
export function readTrack(playlist: string, files: ReadonlyMap<string, Buffer>): Track {
  const entries: TrackEntry[] = [];
  const used = new Map<string, Buffer>();
  const use = (name: string): void => {
    const file = files.get(name);
    if (file === undefined) throw new Error(`ffmpeg listed ${name}, which is not there`);
    used.set(name, file);
  };
  let seconds = 0;
  let map: string | undefined;
  let range: TrackEntry['range'];
  for (const line of playlist.split('\n')) {
    if (line.startsWith('#EXT-X-MAP:')) {
      map = line;
      use(/URI="([^"]+)"/.exec(line)?.[1] ?? '');
    } else if (line.startsWith('#EXTINF:')) seconds = Number.parseFloat(line.slice('#EXTINF:'.length));
    else if (line.startsWith('#EXT-X-BYTERANGE:')) {
      const [length = 0, start = 0] = line.slice('#EXT-X-BYTERANGE:'.length).split('@').map(Number);
      range = { start, length };
    } else if (line !== '' && !line.startsWith('#')) {
      use(line);
      entries.push({
        seconds,
        uri: line,
        ...(range !== undefined && { range }),
        ...(map !== undefined && { map }),
      });
      range = undefined;
    }
  }
  return { entries, files: used };
}

/** One programme after the other, as when an encoder is reconfigured, with a discontinuity between them. */
export function joinTracks(a: Track, b: Track): Track {
  const [first, ...rest] = b.entries;
  if (first === undefined) return a;
  return {
    entries: [...a.entries, { ...first, discontinuity: true }, ...rest],
    files: new Map([...a.files, ...b.files]),
  };
}
