import { describe, expect, it } from 'vitest';
import { RelayedPlaylist } from '../testing/relayed-playlist.ts';
import { playlistLines } from './playlist/playlist-lines.ts';

/** The hashes of the init segments that `RelayedPlaylist` makes are irrelevant here. */
const nameless = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/init-[0-9a-f]{16}/, 'init-HASH'));
const segment = (uri: string, ...tags: string[]) => [...tags, '#EXTINF:2,', uri];
const START = ['#EXT-X-TARGETDURATION:2', '#EXT-X-MEDIA-SEQUENCE:5'];

interface Case {
  readonly feature: string;
  /** The source's playlist, after START. */
  readonly source: readonly string[];
  /** What ours has after its target duration and media sequence. */
  readonly relay: readonly string[];
  /** Default: the version that decimal durations need. */
  readonly version?: number;
}

const CASES: readonly Case[] = [
  {
    feature: 'EXT-X-MAP that changes',
    source: [
      ...segment('a.m4s', '#EXT-X-MAP:URI="one.mp4"'),
      ...segment('b.m4s'),
      ...segment('c.m4s', '#EXT-X-DISCONTINUITY', '#EXT-X-MAP:URI="two.mp4"'),
    ],
    relay: [
      ...[
        '#EXT-X-MAP:URI="init-HASH.mp4?epoch=7"',
        '#EXTINF:2,',
        '5.ts?epoch=7',
        '#EXTINF:2,',
        '6.ts?epoch=7',
      ],
      ...['#EXT-X-DISCONTINUITY', '#EXT-X-MAP:URI="init-HASH.mp4?epoch=7"', '#EXTINF:2,', '7.ts?epoch=7'],
    ],
    version: 6,
  },
  {
    feature: 'EXT-X-BYTERANGE: each range is a segment of its own, and so is an init segment',
    source: [
      '#EXT-X-MAP:URI="all.mp4",BYTERANGE="100@0"',
      ...segment('all.mp4', '#EXT-X-BYTERANGE:50@100'),
      ...segment('all.mp4', '#EXT-X-BYTERANGE:70'),
    ],
    relay: [
      '#EXT-X-MAP:URI="init-HASH.mp4?epoch=7"',
      ...['#EXTINF:2,', '5.ts?epoch=7', '#EXTINF:2,', '6.ts?epoch=7'],
    ],
    version: 6,
  },
  {
    feature: 'EXT-X-GAP',
    source: [...segment('a.ts'), ...segment('b.ts', '#EXT-X-GAP'), ...segment('c.ts')],
    relay: [
      ...['#EXTINF:2,', '5.ts?epoch=7', '#EXT-X-GAP', '#EXTINF:2,', '6.gap?epoch=7'],
      ...['#EXTINF:2,', '7.ts?epoch=7'],
    ],
    version: 8,
  },
  {
    feature: 'EXT-X-PROGRAM-DATE-TIME and EXT-X-DATERANGE',
    source: [
      ...segment('a.ts', '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.123+01:00'),
      ...segment(
        'b.ts',
        '#EXT-X-DATERANGE:ID="ad",START-DATE="2026-01-01T00:00:02Z",SCTE35-OUT=0xFC,X-A="b,c"',
      ),
    ],
    relay: [
      ...['#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.123+01:00', '#EXTINF:2,', '5.ts?epoch=7'],
      '#EXT-X-DATERANGE:ID="ad",START-DATE="2026-01-01T00:00:02Z",SCTE35-OUT=0xFC,X-A="b,c"',
      ...['#EXTINF:2,', '6.ts?epoch=7'],
    ],
  },
  {
    feature: 'tags that we do not know, comments and titles',
    source: segment(
      'a.ts',
      '#EXT-X-CUE-OUT:DURATION=30',
      '# {$a note}',
      '#EXT-OATCLS-SCTE35:/DAl=',
      '#EXT-X-ASSET:A=1',
    ),
    relay: [
      ...['#EXT-X-CUE-OUT:DURATION=30', '# {$a note}', '#EXT-OATCLS-SCTE35:/DAl=', '#EXT-X-ASSET:A=1'],
      ...['#EXTINF:2,', '5.ts?epoch=7'],
    ],
  },
  {
    feature: 'EXT-X-DEFINE: variables are filled in, and the tag is gone',
    source: [
      '#EXT-X-DEFINE:NAME="keys",VALUE="https://keys"',
      '#EXT-X-DEFINE:QUERYPARAM="session"',
      '#EXT-X-DEFINE:IMPORT="series"',
      ...segment(
        '{$series}/a.ts',
        '#EXT-X-KEY:METHOD=AES-128,URI="{$keys}/1?s={$session}"',
        '# a {$comment}',
      ),
    ],
    relay: [
      '#EXT-X-KEY:METHOD=AES-128,URI="https://keys/1?s=1"',
      ...['# a {$comment}', '#EXTINF:2,', '5.ts?epoch=7'],
    ],
  },
  {
    feature: 'SAMPLE-AES with several key formats',
    source: segment(
      'a.ts',
      '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://k",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"',
      '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,AA==",KEYFORMAT="urn:uuid:edef"',
    ),
    relay: [
      '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://k",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"',
      '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,AA==",KEYFORMAT="urn:uuid:edef"',
      ...['#EXTINF:2,', '5.ts?epoch=7'],
    ],
    version: 5,
  },
  {
    feature: 'EXT-X-ENDLIST, with a date range behind the last segment',
    source: [
      ...segment('a.ts'),
      '#EXT-X-DATERANGE:ID="x",START-DATE="2026-01-01T00:00:00Z"',
      '#EXT-X-ENDLIST',
    ],
    relay: ['#EXTINF:2,', '5.ts?epoch=7', '#EXT-X-ENDLIST'],
  },
];

describe('features of a source’s media playlist', () => {
  it.each(CASES)('$feature', ({ source, relay, version = 3 }) => {
    const relayed = new RelayedPlaylist(new Map([['series', 'https://cdn/s1']]));
    const lines = nameless(relayed.take([...START, ...source]).lines());
    expect(lines[1]).toBe(`#EXT-X-VERSION:${version}`);
    const sequence = lines.indexOf('#EXT-X-MEDIA-SEQUENCE:5');
    expect(sequence).toBeGreaterThan(0);
    expect(lines.slice(sequence + 1)).toEqual(relay);
  });

  it('fetches the addresses that its variables form', () => {
    const relayed = new RelayedPlaylist(new Map([['series', 'https://cdn/s1']]));
    relayed.take([...START, '#EXT-X-DEFINE:IMPORT="series"', ...segment('{$series}/a.ts')]);
    expect(relayed.rendition.entries[0]?.segment?.data.toString()).toBe('https://cdn/s1/a.ts ');
  });

  it('keeps one copy of a date range after the last segment, whichever segment it belongs to later', () => {
    const range = '#EXT-X-DATERANGE:ID="x",START-DATE="2026-01-01T00:00:00Z"';
    const relayed = new RelayedPlaylist().take([...START, ...segment('a.ts'), range]);
    expect(relayed.lines().filter((line) => line === range).length).toBe(1);
    relayed.take([...START, ...segment('a.ts'), ...segment('b.ts', range)]);
    expect(relayed.lines().filter((line) => line === range).length).toBe(1);
    expect(relayed.lines().indexOf(range)).toBeGreaterThan(relayed.lines().indexOf('5.ts?epoch=7'));
  });

  it('adds a date range’s end to a segment that was listed before', () => {
    const start = '#EXT-X-DATERANGE:ID="x",START-DATE="2026-01-01T00:00:00Z"';
    const relayed = new RelayedPlaylist().take([...START, ...segment('a.ts', start)]);
    relayed.take([...START, ...segment('a.ts', `${start},DURATION=4`), ...segment('b.ts')]);
    expect(relayed.lines()).toContain(`${start},DURATION=4`);
    expect(relayed.lines()).not.toContain(start);
  });

  it('substitutes no variable in a comment', () => {
    const text = '#EXTM3U\n#EXT-X-DEFINE:NAME="a",VALUE="b"\n# {$none} {$a}\n#EXT-X-TAG:{$a}';
    expect(playlistLines(text, 'https://host/').lines).toEqual(['#EXTM3U', '# {$none} {$a}', '#EXT-X-TAG:b']);
  });
});
