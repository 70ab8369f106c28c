import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMediaPlaylist } from './read-media-playlist.ts';

const BASE = 'https://host/live/a/index.m3u8?session=1';
const read = (...lines: string[]) => readMediaPlaylist(['#EXTM3U', ...lines], BASE);

describe('readMediaPlaylist', () => {
  it('reads numbers, durations and addresses: relative, absolute, with queries', () => {
    const list = read(
      '#EXT-X-VERSION:4',
      '#EXT-X-TARGETDURATION:3',
      '#EXT-X-MEDIA-SEQUENCE:41',
      '#EXTINF:2.5,title',
      'one.ts?t=1',
      '#EXTINF:3,',
      '/two.ts',
      '#EXTINF:2.002',
      '../../three.ts',
      '#EXTINF:2,',
      'http://cdn.example/four.ts',
    );
    expect(list.targetDurationMs).toBe(3000);
    expect(list.ended).toBe(false);
    expect(list.segments.map(({ msn, durationMs, url }) => [msn, durationMs, url])).toEqual([
      [41, 2500, 'https://host/live/a/one.ts?t=1'],
      [42, 3000, 'https://host/two.ts'],
      [43, 2002, 'https://host/three.ts'],
      [44, 2000, 'http://cdn.example/four.ts'],
    ]);
    expect(list.header).toEqual(['#EXT-X-VERSION:4', '#EXT-X-TARGETDURATION:3']);
  });

  it('passes on unknown tags and comments, each with its segment', () => {
    const unknown = fc.stringMatching(
      /^#(?:EXT-X-(?:CUE|VENDOR|DATERANGE)[A-Z-]{0,8}:[ -~]{0,30}| note [a-z]{0,9})$/,
    );
    fc.assert(
      fc.property(fc.array(fc.array(unknown, { maxLength: 4 }), { minLength: 1, maxLength: 6 }), (groups) => {
        const list = read(
          '#EXT-X-TARGETDURATION:2',
          ...groups.flatMap((group, index) => [...group, '#EXTINF:2,', `${index}.ts`]),
        );
        expect(list.segments.map(({ lines }) => lines)).toEqual(
          groups.map((group) => [...group.map((line) => line), '#EXTINF:2,']),
        );
      }),
    );
  });

  it('drops tags that depend on the place in the list, and parts, whose addresses would lead past us', () => {
    const list = read(
      '#EXT-X-TARGETDURATION:2',
      '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES',
      '#EXT-X-PART-INF:PART-TARGET=0.3',
      '#EXT-X-PLAYLIST-TYPE:EVENT',
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z',
      '#EXT-X-PART:DURATION=0.3,URI="part.mp4"',
      '#EXTINF:2,',
      'a.ts',
      '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="next.mp4"',
      '#EXT-X-ENDLIST',
    );
    expect(list.segments[0]?.lines).toEqual(['#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z', '#EXTINF:2,']);
    expect(list.segments[0]?.dateTime).toBe(Date.UTC(2026, 0, 1));
    expect(list.ended).toBe(true);
  });

  it('counts timelines from the list’s discontinuity sequence', () => {
    const list = read(
      '#EXT-X-DISCONTINUITY-SEQUENCE:5',
      ...['#EXTINF:2,', 'a', '#EXT-X-DISCONTINUITY', '#EXTINF:2,', 'b', '#EXTINF:2,', 'c'],
    );
    expect(list.segments.map(({ timeline }) => timeline)).toEqual([5, 6, 6]);
    expect(list.numbersTimelines).toBe(true);
    expect(read('#EXTINF:2,', 'a').numbersTimelines).toBe(false);
  });

  it('tracks keys and maps through the list, with absolute addresses', () => {
    const list = read(
      ...['#EXT-X-MAP:URI="init.mp4"', '#EXT-X-KEY:METHOD=AES-128,URI="key?k=1",IV=0x12', '#EXTINF:2,', 'a'],
      ...[
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"',
        '#EXTINF:2,',
        'b',
      ],
      ...['#EXT-X-KEY:METHOD=NONE', '#EXT-X-MAP:URI="all.mp4",BYTERANGE="100@20"', '#EXTINF:2,', 'c'],
    );
    const aes = '#EXT-X-KEY:METHOD=AES-128,URI="https://host/live/a/key?k=1",IV=0x12';
    const fair = '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"';
    expect(list.segments.map(({ keys }) => keys)).toEqual([[aes], [aes, fair], []]);
    expect(list.segments.map(({ map }) => map)).toEqual([
      { url: 'https://host/live/a/init.mp4', range: undefined, keys: [] },
      { url: 'https://host/live/a/init.mp4', range: undefined, keys: [] },
      { url: 'https://host/live/a/all.mp4', range: { start: 20, length: 100 }, keys: [] },
    ]);
  });

  it('reads byte ranges, including those that continue where the last one ended', () => {
    const list = read(
      ...['#EXT-X-BYTERANGE:50@10', '#EXTINF:2,', 'all.ts', '#EXT-X-BYTERANGE:30', '#EXTINF:2,', 'all.ts'],
    );
    expect(list.segments.map(({ range }) => range)).toEqual([
      { start: 10, length: 50 },
      { start: 60, length: 30 },
    ]);
    expect(list.segments[0]?.lines).toEqual(['#EXTINF:2,']);
    expect(() => read('#EXT-X-BYTERANGE:30', '#EXTINF:2,', 'all.ts')).toThrow('byte range');
  });

  it('marks the gaps that the source lists', () => {
    expect(read('#EXT-X-GAP', '#EXTINF:2,', 'a').segments[0]?.gap).toBe(true);
  });

  it.each([
    ['#EXT-X-TARGETDURATION:99999', '#EXTINF:2,', 'a'],
    ['#EXT-X-MEDIA-SEQUENCE:99999999999999999', '#EXTINF:2,', 'a'],
    ['#EXT-X-MEDIA-SEQUENCE:-4', '#EXTINF:2,', 'a'],
    ['#EXTINF:99999,', 'a'],
    ['#EXTINF:2,', 'file:///etc/passwd'],
    ['#EXTINF:2,', 'http://[bad'],
    ['#EXT-X-MAP:BYTERANGE="1@1"', '#EXTINF:2,', 'a'],
    ['#EXT-X-STREAM-INF:BANDWIDTH=1', 'a'],
    Array.from({ length: 40 }, (_, index) => `#EXT-X-KEY:METHOD=SAMPLE-AES,KEYFORMAT="${index}"`),
  ])('refuses %s', (...lines) => {
    expect(() => read(...lines.flat())).toThrow(expect.objectContaining({ reason: 'bad-playlist' }) as Error);
  });

  it('takes the newest 5,000 segments of an endless list, with their own numbers', () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => ['#EXTINF:1,', `${index}.ts`]).flat();
    const { segments } = readMediaPlaylist(['#EXTM3U', '#EXT-X-MEDIA-SEQUENCE:7', ...lines], BASE);
    expect(segments.length).toBe(5000);
    expect(segments.at(-1)).toMatchObject({ msn: 100_006, url: 'https://host/live/a/99999.ts' });
  });

  it('fails only with a SourceFault', () => {
    const tag = fc.constantFrom(
      ...[
        '#EXTINF:',
        '#EXT-X-KEY:',
        '#EXT-X-MAP:',
        '#EXT-X-BYTERANGE:',
        '#EXT-X-MEDIA-SEQUENCE:',
        '#EXT-X-PART:',
      ],
      ...[
        '#EXT-X-PROGRAM-DATE-TIME:',
        '#EXT-X-TARGETDURATION:',
        '#EXT-X-DATERANGE:',
        '#EXT-X-DISCONTINUITY',
        '',
      ],
    );
    const line = fc.tuple(tag, fc.string({ maxLength: 30 })).map((parts) => parts.join('').trim());
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        try {
          read(...lines.filter((text) => text !== '' && !/[\r\n]/.test(text)));
        } catch (error) {
          expect(error).toMatchObject({ name: 'SourceFault' });
        }
      }),
    );
  });
});
