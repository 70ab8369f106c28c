import { M3U8Parser, PlaylistLevelType } from 'hls.js';
import { seenSegments, tagNumber } from './player-view.ts';

/** The lines of one media playlist at each of its loads. */
type Loads = readonly (readonly string[])[];

export interface Rule {
  /** The source of the rule, and what it requires. */
  readonly rule: string;
  readonly holds: (loads: Loads) => boolean;
  /** What a relay that breaks the rule could have served. */
  readonly broken: Loads;
}

/** The head of a list, to be extended. */
export const LIST = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:2', '#EXT-X-MEDIA-SEQUENCE:5'];
export const A = ['#EXTINF:2.0,', 'a.ts'];
const B = ['#EXTINF:2.0,', 'b.ts'];

/** The requirements of RFC 8216 on a media playlist. */
export const RULES: readonly Rule[] = [
  {
    rule: 'RFC 8216, 4.3.1.1: EXTM3U is the first line',
    holds: each((lines) => lines[0] === '#EXTM3U'),
    broken: [[...LIST.slice(1), ...A]],
  },
  {
    rule: 'RFC 8216, 4.3.1.2: there is one EXT-X-VERSION at most',
    holds: each((lines) => count(lines, '#EXT-X-VERSION:') <= 1),
    broken: [[...LIST, '#EXT-X-VERSION:4', ...A]],
  },
  {
    rule: 'RFC 8216, 7: decimal durations need version 3, key formats 5, EXT-X-MAP 6; RFC 8216bis, 8: EXT-X-GAP 8',
    holds: each((lines) => {
      const version = tagNumber(lines, 'EXT-X-VERSION') ?? 1;
      const needs = (pattern: RegExp, wanted: number) =>
        version >= wanted || !lines.some((line) => pattern.test(line));
      return (
        needs(/^#EXTINF:\d+\./, 3) &&
        needs(/^#EXT-X-KEY:.*KEYFORMAT=/, 5) &&
        needs(/^#EXT-X-MAP:/, 6) &&
        needs(/^#EXT-X-GAP$/, 8)
      );
    }),
    broken: [[...LIST, '#EXT-X-MAP:URI="i"', ...A]],
  },
  {
    rule: 'RFC 8216, 4.3.2.1: every segment has an EXTINF',
    holds: each((lines) => seenSegments(lines).every(({ seconds }) => Number.isFinite(seconds))),
    broken: [[...LIST, 'a.ts']],
  },
  {
    rule: 'RFC 8216, 4.3.3.1: there is one EXT-X-TARGETDURATION, and no rounded EXTINF exceeds it',
    holds: each((lines) => {
      const target = tagNumber(lines, 'EXT-X-TARGETDURATION') ?? 0;
      const longest = Math.max(...seenSegments(lines).map(({ seconds }) => Math.round(seconds)));
      return count(lines, '#EXT-X-TARGETDURATION:') === 1 && Number.isInteger(target) && longest <= target;
    }),
    broken: [[...LIST, '#EXTINF:2.6,', 'a.ts']],
  },
  {
    rule: 'RFC 8216, 6.2.1: EXT-X-TARGETDURATION does not fall again',
    holds: pairs(
      (_before, after) => tagNumber(after, 'EXT-X-TARGETDURATION') ?? 0,
      (a, b) => b >= a,
    ),
    broken: [
      [...LIST, ...A],
      [...LIST.with(2, '#EXT-X-TARGETDURATION:1'), ...A],
    ],
  },
  {
    rule: 'RFC 8216, 4.3.3.2 and 4.3.3.3: both sequence numbers stand before the first segment and any discontinuity',
    holds: each((lines) => {
      const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
      const first = [...lines, 'end'].findIndex(
        (line) => !line.startsWith('#') || line === '#EXT-X-DISCONTINUITY',
      );
      return at(/^#EXT-X-MEDIA-SEQUENCE:/) < first && at(/^#EXT-X-DISCONTINUITY-SEQUENCE:/) < first;
    }),
    broken: [[...LIST, ...A, '#EXT-X-DISCONTINUITY-SEQUENCE:1', ...B]],
  },
  {
    rule: 'RFC 8216, 6.2.2: a segment keeps its media sequence number, and the first number never falls',
    holds: (loads) => keeps(loads, ({ uri }) => uri) && rises(loads, 'EXT-X-MEDIA-SEQUENCE'),
    broken: [
      [...LIST, ...A, ...B],
      [...LIST, ...B],
    ],
  },
  {
    rule: 'RFC 8216, 6.2.2: a segment keeps its discontinuity sequence number',
    holds: (loads) =>
      keeps(loads, ({ timeline }) => timeline) && rises(loads, 'EXT-X-DISCONTINUITY-SEQUENCE'),
    broken: [
      [...LIST, ...A, '#EXT-X-DISCONTINUITY', ...B],
      [...LIST.with(3, '#EXT-X-MEDIA-SEQUENCE:6'), ...B],
    ],
  },
  {
    rule: 'RFC 8216, 4.3.2.3: a discontinuity stands where another encoding begins',
    holds: each((lines) =>
      seenSegments(lines).every(
        (segment, index, all) =>
          epochOf(segment.uri) === epochOf(all[index - 1]?.uri ?? segment.uri) ||
          segment.timeline > (all[index - 1]?.timeline ?? 0),
      ),
    ),
    broken: [[...LIST, '#EXTINF:2,', '5.ts?epoch=1', '#EXTINF:2,', '6.ts?epoch=2']],
  },
  {
    rule: 'RFC 8216, 4.3.2.5: a segment keeps its EXT-X-MAP, and none follows a segment without one',
    holds: (loads) =>
      keeps(loads, ({ map }) => map) &&
      loads.every((lines) => new Set(seenSegments(lines).map(({ map }) => map === undefined)).size <= 1),
    broken: [[...LIST, ...A, '#EXT-X-MAP:URI="i"', ...B]],
  },
  {
    rule: 'RFC 8216, 4.3.2.4: a segment keeps the keys in force',
    holds: (loads) => keeps(loads, ({ keys }) => keys.join()),
    broken: [
      [...LIST, '#EXT-X-KEY:METHOD=AES-128,URI="k"', ...A, ...B],
      [...LIST.with(3, '#EXT-X-MEDIA-SEQUENCE:6'), ...B],
    ],
  },
  {
    rule: 'RFC 8216, 4.3.2.6: EXT-X-PROGRAM-DATE-TIME is an ISO 8601 date with its zone, and a segment keeps it',
    holds: (loads) =>
      loads.every((lines) =>
        seenSegments(lines).every(
          ({ dateTime }) =>
            dateTime === undefined ||
            (/(?:Z|[+-]\d\d:\d\d)$/.test(dateTime) && !Number.isNaN(Date.parse(dateTime))),
        ),
      ),
    broken: [[...LIST, '#EXT-X-PROGRAM-DATE-TIME:yesterday', ...A]],
  },
  {
    rule: 'RFC 8216, 6.2.2: what is left after a removal is at least three target durations long',
    holds: pairs(
      (_before, after, first) => {
        const removed =
          (tagNumber(after, 'EXT-X-MEDIA-SEQUENCE') ?? 0) > (tagNumber(first, 'EXT-X-MEDIA-SEQUENCE') ?? 0);
        const seconds = seenSegments(after).reduce((sum, segment) => sum + segment.seconds, 0);
        return removed ? seconds / (tagNumber(after, 'EXT-X-TARGETDURATION') ?? 1) : 3;
      },
      (_a, b) => b >= 3,
    ),
    broken: [
      [...LIST, ...A, ...B],
      [...LIST.with(3, '#EXT-X-MEDIA-SEQUENCE:6'), ...B],
    ],
  },
  {
    rule: 'RFC 8216, 4.3.3.4 and 6.2.1: EXT-X-ENDLIST stands once, and nothing changes after it',
    holds: (loads) => {
      const end = loads.findIndex((lines) => lines.includes('#EXT-X-ENDLIST'));
      const after = loads.slice(end).map((lines) => lines.join('\n'));
      return (
        end === -1 ||
        (new Set(after).size === 1 && loads.every((lines) => count(lines, '#EXT-X-ENDLIST') <= 1))
      );
    },
    broken: [
      [...LIST, ...A, '#EXT-X-ENDLIST'],
      [...LIST, ...A, ...B, '#EXT-X-ENDLIST'],
    ],
  },
  {
    rule: 'RFC 8216, 4.3.3.5: EXT-X-PLAYLIST-TYPE:VOD stands only in a playlist that has ended',
    holds: each((lines) => lines.includes('#EXT-X-ENDLIST') || !lines.includes('#EXT-X-PLAYLIST-TYPE:VOD')),
    broken: [[...LIST, '#EXT-X-PLAYLIST-TYPE:VOD', ...A]],
  },
];

/** The error that hls.js reports for a media playlist; null: none. */
export function complaint(lines: readonly string[]): Error | null {
  const { MAIN } = PlaylistLevelType;
  const text = lines.join('\n');
  return M3U8Parser.parseLevelPlaylist(text, 'https://host/index.m3u8', 0, MAIN, 0, null)
    .playlistParsingError;
}

function each(holds: (lines: readonly string[]) => boolean): Rule['holds'] {
  return (loads) => loads.every(holds);
}

function pairs(
  read: (before: readonly string[], after: readonly string[], first: readonly string[]) => number,
  holds: (a: number, b: number) => boolean,
): Rule['holds'] {
  return (loads) => {
    const [first = []] = loads;
    const figures = loads.map((lines, index) => read(loads[index - 1] ?? [], lines, first));
    return figures.every((figure, index) => index === 0 || holds(figures[index - 1] ?? 0, figure));
  };
}

/** Whether the value read from a segment is the same in every playlist that lists it. */
function keeps(loads: Loads, read: (segment: ReturnType<typeof seenSegments>[number]) => unknown): boolean {
  const known = new Map<number, unknown>();
  for (const segment of loads.flatMap((lines) => seenSegments(lines))) {
    if (known.has(segment.msn) && known.get(segment.msn) !== read(segment)) return false;
    known.set(segment.msn, read(segment));
  }
  return true;
}

function rises(loads: Loads, tag: string): boolean {
  const numbers = loads.map((lines) => tagNumber(lines, tag) ?? 0);
  return numbers.every((number, index) => number >= (numbers[index - 1] ?? 0));
}

export function count(lines: readonly string[], start: string): number {
  return lines.filter((line) => line.startsWith(start)).length;
}

function epochOf(uri: string): string {
  return /epoch=(\d+)/.exec(uri)?.[1] ?? '';
}
