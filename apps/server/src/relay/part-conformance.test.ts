import { M3U8Parser, PlaylistLevelType } from 'hls.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { PartedStream, type PartedSegment } from '../testing/parted-stream.ts';
import {
  attributeNumber,
  type SeenPart,
  seenParts,
  seenSegments,
  tagNumber,
} from '../testing/player-view.ts';

/** The playlists that a player may load at one moment. */
interface Load {
  readonly full: readonly string[];
  readonly delta: readonly string[];
  /** The playlist of the stream's other rendition. */
  readonly other: readonly string[];
}

interface Rule {
  /** The section of RFC 8216bis, and the rule. */
  readonly rule: string;
  readonly holds: (loads: readonly Load[]) => boolean;
  /** Playlists of a relay that breaks the rule. */
  readonly broken: readonly Load[];
}

const SEGMENTS = ['#EXTINF:1,', '0.m4s', '#EXTINF:1,', '1.m4s'];
const LIST = [
  '#EXTM3U',
  '#EXT-X-VERSION:9',
  '#EXT-X-TARGETDURATION:1',
  '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=6,PART-HOLD-BACK=1.5,HOLD-BACK=3',
  '#EXT-X-PART-INF:PART-TARGET=0.5',
  '#EXT-X-MEDIA-SEQUENCE:0',
  ...SEGMENTS,
];
const P0 = '#EXT-X-PART:DURATION=0.5,URI="2.0.m4s",INDEPENDENT=YES';
const P1 = '#EXT-X-PART:DURATION=0.5,URI="2.1.m4s"';
const HINT = '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="2.2.m4s"';
const load = (full: readonly string[], delta = full, other = full): Load => ({ full, delta, other });
const without = (pattern: RegExp) => LIST.filter((line) => !pattern.test(line));
const withControl = (from: RegExp, to: string) =>
  LIST.map((line) => (line.startsWith('#EXT-X-SERVER-CONTROL') ? line.replace(from, to) : line));

const RULES: readonly Rule[] = [
  {
    rule: '4.4.3.7: EXT-X-PART-INF occurs once in a list with parts, and gives their target duration',
    holds: each(({ full }) => count(full, '#EXT-X-PART-INF:') === 1 && partTarget(full) > 0),
    broken: [load([...without(/PART-INF/), P0])],
  },
  {
    rule: '4.4.4.9: no part is longer than the part target duration',
    holds: eachPart(({ seconds }, { full }) => seconds <= partTarget(full)),
    broken: [load([...LIST, P0.replace('0.5', '0.6')])],
  },
  {
    rule: '4.4.4.9: except for the last of its segment, no part is shorter than 85 % of the part target duration',
    holds: eachPart(
      ({ seconds, msn, index }, { full }) =>
        seconds >= 0.85 * partTarget(full) ||
        !seenParts(full).some((part) => part.msn === msn && part.index === index + 1),
    ),
    broken: [load([...LIST, P0.replace('0.5', '0.4'), P1])],
  },
  {
    rule: '4.4.4.9: the parts of a segment add up to all of it',
    holds: each(({ full }) =>
      seenSegments(full).every(({ msn, seconds }) => {
        const parts = seenParts(full).filter((part) => part.msn === msn);
        return parts.length === 0 || Math.abs(sum(parts) - seconds) < partTarget(full) / 2;
      }),
    ),
    broken: [load([...LIST, P0, '#EXTINF:1.0,', '2.m4s'])],
  },
  {
    rule: '4.4.4.9: the part that begins with a key frame is marked as independent',
    holds: eachPart(({ index, independent }) => independent === (index === 0)),
    broken: [load([...LIST, P0.replace(',INDEPENDENT=YES', '')])],
  },
  {
    rule: '4.4.4.9: a part keeps its address, its duration and its place, and the state in force is its segment’s',
    holds: (loads) => {
      const known = new Map<string, string>();
      return loads
        .flatMap(({ full }) => seenParts(full))
        .every(({ msn, index, uri, seconds }) => {
          const place = `${msn}.${index}`;
          const before = known.get(place) ?? `${uri} ${seconds}`;
          known.set(place, before);
          return before === `${uri} ${seconds}`;
        });
    },
    broken: [load([...LIST, P0]), load([...LIST, P0.replace('2.0', 'other')])],
  },
  {
    rule: '6.2.2: parts stay for as long as they are within three target durations of the end, and no longer',
    holds: (loads) =>
      loads.every(({ full }, index) => {
        const before = loads[index - 1]?.full ?? full;
        const old = (msn: number) =>
          seenSegments(full)
            .filter((segment) => segment.msn > msn)
            .reduce((seconds, segment) => seconds + segment.seconds, 0) >=
          3 * target(full);
        const now = seenParts(full);
        return (
          seenParts(before).every(({ uri, msn }) => old(msn) || now.some((part) => part.uri === uri)) &&
          now.every(({ msn }) => !old(msn))
        );
      }),
    broken: [load([...LIST, P0, P1]), load([...LIST, P1])],
  },
  {
    rule: '4.4.3.8: CAN-SKIP-UNTIL is at least six target durations',
    holds: control('CAN-SKIP-UNTIL', (seconds, full) => seconds >= 6 * target(full)),
    broken: [load(withControl(/SKIP-UNTIL=6/, 'SKIP-UNTIL=5'))],
  },
  {
    rule: '4.4.3.8: HOLD-BACK is at least three target durations',
    holds: control('HOLD-BACK', (seconds, full) => seconds >= 3 * target(full)),
    broken: [load(withControl(/,HOLD-BACK=3/, ',HOLD-BACK=2'))],
  },
  {
    rule: '4.4.3.8: PART-HOLD-BACK is present, and at least three part target durations',
    holds: control('PART-HOLD-BACK', (seconds, full) => seconds >= 3 * partTarget(full)),
    broken: [load(withControl(/PART-HOLD-BACK=1.5/, 'PART-HOLD-BACK=1.4'))],
  },
  {
    rule: 'B.1: CAN-BLOCK-RELOAD=YES',
    holds: each(({ full }) =>
      full.some((line) => /^#EXT-X-SERVER-CONTROL:.*CAN-BLOCK-RELOAD=YES/.test(line)),
    ),
    broken: [load(withControl(/CAN-BLOCK-RELOAD=YES,/, ''))],
  },
  {
    rule: '4.4.5.3: one hint, after all other media lines, names the part that comes next',
    holds: (loads) =>
      loads.every(({ full }, index) => {
        const hints = full.filter((line) => line.startsWith('#EXT-X-PRELOAD-HINT:TYPE=PART'));
        const hinted = /URI="([^"]*)"/.exec(hints[0] ?? '')?.[1];
        const [now, next] = [full, loads[index + 1]?.full ?? []].map((lines) => seenParts(lines));
        const came = next?.find(({ uri }) => now?.every((part) => part.uri !== uri) === true);
        const behind = full.slice(full.indexOf(hints[0] ?? '') + 1);
        return (
          hints.length === 1 &&
          behind.every((line) => line.startsWith('#EXT-X-RENDITION-REPORT:')) &&
          (came === undefined || came.uri === hinted)
        );
      }),
    broken: [load([...LIST, P0, HINT]), load([...LIST, P0, P1, HINT])],
  },
  {
    rule: '4.4.5.4: every other rendition is reported with the last segment and part of its list',
    holds: each(({ full, other }) => {
      const last = seenParts(other).at(-1);
      const newest = seenSegments(other).at(-1)?.msn ?? 0;
      const underWay = last !== undefined && last.msn > newest;
      return (
        count(full, '#EXT-X-RENDITION-REPORT:URI="../0000000b/index.m3u8"') === 1 &&
        attributeNumber(full, 'EXT-X-RENDITION-REPORT', 'LAST-MSN') === (underWay ? last.msn : newest) &&
        attributeNumber(full, 'EXT-X-RENDITION-REPORT', 'LAST-PART') ===
          (last !== undefined && last.msn >= newest ? last.index : 0)
      );
    }),
    broken: [
      load([...[...LIST, P0], '#EXT-X-RENDITION-REPORT:URI="../0000000b/index.m3u8",LAST-MSN=1,LAST-PART=0']),
    ],
  },
  {
    rule: '4.4.5.2: EXT-X-SKIP needs version 9, and occurs only in a delta update',
    holds: each(
      ({ full, delta }) =>
        count(full, '#EXT-X-SKIP') === 0 &&
        (count(delta, '#EXT-X-SKIP') === 0 || (tagNumber(delta, 'EXT-X-VERSION') ?? 0) >= 9),
    ),
    broken: [load(LIST, [...LIST.with(1, '#EXT-X-VERSION:8'), '#EXT-X-SKIP:SKIPPED-SEGMENTS=1'])],
  },
  {
    rule: '6.2.5.1: a delta update skips what is older than the skip boundary, and nothing else',
    holds: each(({ full, delta }) => {
      const boundary = attributeNumber(full, 'EXT-X-SERVER-CONTROL', 'CAN-SKIP-UNTIL') ?? 0;
      const segments = seenSegments(full);
      const behind = segments.filter(
        (_, index) =>
          segments.slice(index + 1).reduce((seconds, segment) => seconds + segment.seconds, 0) >= boundary,
      );
      return skipped(delta) === behind.length;
    }),
    broken: [load(LIST, [...LIST.slice(0, 6), '#EXT-X-SKIP:SKIPPED-SEGMENTS=1', ...LIST.slice(8)])],
  },
  {
    rule: '6.2.5.1: a delta update and the client’s earlier list add up to the full list',
    holds: each(({ full, delta }) => {
      if (skipped(delta) === 0) return full.join('\n') === delta.join('\n');
      const uris = full.filter((line) => !line.startsWith('#'));
      const kept = full.slice(full.indexOf(uris[skipped(delta) - 1] ?? '') + 1);
      const head = full.slice(0, full.findIndex((line) => line.startsWith('#EXT-X-MEDIA-SEQUENCE')) + 1);
      return [...head, `#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped(delta)}`, ...kept].every((line) =>
        delta.includes(line),
      );
    }),
    broken: [load(LIST, [...LIST.slice(0, 6), '#EXT-X-SKIP:SKIPPED-SEGMENTS=1'])],
  },
  {
    rule: '4.4.4.5, 4.4.4.4 and 4.4.4.3: init segment, key and discontinuity come before the first part that needs them',
    holds: each(({ full }) => {
      const parts = seenParts(full);
      return parts.every(({ state, msn }) => parts.every((part) => part.msn !== msn || part.state === state));
    }),
    broken: [load([...LIST, P0, '#EXT-X-MAP:URI="init.mp4"', P1])],
  },
];

/** Behaviours of sources, as successive segments with their parts. */
const SCENARIOS: Record<string, readonly PartedSegment[]> = {
  'two parts a segment': Array.from({ length: 12 }, () => ({ partsMs: [500, 500] })),
  'a short last part': Array.from({ length: 10 }, (_, msn) => ({
    partsMs: msn % 2 === 0 ? [500, 480, 20] : [500, 460],
  })),
  'discontinuities, other init segments and keys': Array.from({ length: 12 }, (_, msn) => ({
    partsMs: [500, 500],
    newTimeline: msn % 3 === 2,
    keys: msn > 4 ? [`#EXT-X-KEY:METHOD=SAMPLE-AES,URI="https://host/key-${Math.floor(msn / 2)}"`] : [],
  })),
  'a segment that comes whole in between': Array.from({ length: 10 }, (_, msn) => ({
    partsMs: [500, 500],
    whole: msn % 4 === 1,
  })),
  'segments half as long as the target duration': Array.from({ length: 16 }, () => ({ partsMs: [500] })),
};

const loads = new Map<string, Load[]>();
beforeAll(async () => {
  for (const [scenario, segments] of Object.entries(SCENARIOS)) loads.set(scenario, await play(segments));
});

/** Loads all playlists after each step. */
async function play(segments: readonly PartedSegment[]): Promise<Load[]> {
  const stream = await PartedStream.start(500, 1);
  const seen: Load[] = [];
  try {
    stream.add({ partsMs: [500, 500] });
    for (const step of segments.flatMap((segment) => stream.steps(segment))) {
      step();
      const [full, delta, other] = [stream.lines(), stream.lines('?_HLS_skip=YES'), stream.lines('', 1)];
      seen.push({ full: await full, delta: await delta, other: await other });
    }
  } finally {
    await stream.close();
  }
  return seen;
}

describe.each(RULES)('RFC 8216bis, $rule', ({ holds, broken }) => {
  it.each(Object.keys(SCENARIOS))('%s', (scenario) => {
    const all = loads.get(scenario) ?? [];
    expect(all.length).toBeGreaterThan(10);
    const at = all.findIndex((_, index) => !holds(all.slice(0, index + 1)));
    expect(all[at]?.full.join('\n'), 'the first list that does not keep it').toBeUndefined();
  });

  it('is broken by some playlist', () => {
    expect(holds(broken)).toBe(false);
  });
});

describe('hls.js accepts a list with parts', () => {
  it.each(Object.keys(SCENARIOS))('%s', (scenario) => {
    for (const { full } of loads.get(scenario) ?? []) {
      const text = full.join('\n');
      const { MAIN } = PlaylistLevelType;
      const details = M3U8Parser.parseLevelPlaylist(text, 'https://host/index.m3u8', 0, MAIN, 0, null);
      expect(details.playlistParsingError, text).toBeNull();
      expect(details.partList?.length ?? 0).toBe(seenParts(full).length);
    }
  });
});

function each(holds: (load: Load) => boolean): Rule['holds'] {
  return (loads) => loads.every(holds);
}

function eachPart(holds: (part: SeenPart, load: Load) => boolean): Rule['holds'] {
  return each((load) => seenParts(load.full).every((part) => holds(part, load)));
}

function control(name: string, holds: (seconds: number, full: readonly string[]) => boolean): Rule['holds'] {
  return each(({ full }) => holds(attributeNumber(full, 'EXT-X-SERVER-CONTROL', name) ?? Number.NaN, full));
}

function partTarget(lines: readonly string[]): number {
  return attributeNumber(lines, 'EXT-X-PART-INF', 'PART-TARGET') ?? Number.NaN;
}

function target(lines: readonly string[]): number {
  return tagNumber(lines, 'EXT-X-TARGETDURATION') ?? Number.NaN;
}

function skipped(lines: readonly string[]): number {
  return attributeNumber(lines, 'EXT-X-SKIP', 'SKIPPED-SEGMENTS') ?? 0;
}

function sum(parts: readonly SeenPart[]): number {
  return parts.reduce((seconds, part) => seconds + part.seconds, 0);
}

function count(lines: readonly string[], start: string): number {
  return lines.filter((line) => line.startsWith(start)).length;
}
