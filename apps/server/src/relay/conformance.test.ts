import { describe, expect, it } from 'vitest';
import { seenSegments } from '../testing/player-view.ts';
import { A, complaint, count, LIST, RULES } from '../testing/playlist-rules.ts';
import { RelayedPlaylist } from '../testing/relayed-playlist.ts';

/** Behaviours of sources, as the successive playlists that they serve. */
const SCENARIOS: Record<string, readonly (readonly string[])[]> = {
  'a sliding window of MPEG-TS': slide(10, (msn) => [
    `#EXTINF:${msn % 2 === 0 ? '2.000' : '1.960'},`,
    `${msn}.ts`,
  ]),
  'discontinuities that leave the window': slide(14, (msn) => [
    ...(msn % 3 === 2 ? ['#EXT-X-DISCONTINUITY'] : []),
    ...['#EXTINF:2.0,', `${msn}.ts`],
  ]),
  'init segments and keys that change, and date and time': slide(14, (msn) => [
    ...(msn % 4 === 0 ? ['#EXT-X-DISCONTINUITY'] : []),
    `#EXT-X-MAP:URI="init-${Math.floor(msn / 4)}.mp4"`,
    `#EXT-X-KEY:METHOD=AES-128,URI="key-${Math.floor(msn / 3)}"`,
    `#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:${String(msn * 2).padStart(2, '0')}.000Z`,
    ...['#EXTINF:2.0,', `${msn}.m4s`],
  ]),
  'SAMPLE-AES that begins and ends': slide(12, (msn) => [
    msn % 8 < 4
      ? '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://k",KEYFORMAT="com.apple.streamingkeydelivery"'
      : '#EXT-X-KEY:METHOD=NONE',
    ...['#EXTINF:2.0,', `${msn}.ts`],
  ]),
  gaps: slide(10, (msn) => [...(msn % 4 === 1 ? ['#EXT-X-GAP'] : []), '#EXTINF:2.0,', `${msn}.ts`]),
  'a segment longer than the source says': slide(12, (msn) => [
    `#EXTINF:${msn === 5 ? '3.7' : '2.0'},`,
    `${msn}.ts`,
  ]),
  'an encoder that restarts from 0': [
    ...slide(8, (msn) => ['#EXTINF:2.0,', `one-${msn}.ts`]),
    ...slide(8, (msn) => ['#EXTINF:2.0,', `two-${msn}.ts`]),
  ],
  'the end of an event': [
    ...slide(7, (msn) => ['#EXTINF:2.0,', `${msn}.ts`]),
    ...[0, 0].map(() => [
      ...(slide(8, (msn) => ['#EXTINF:2.0,', `${msn}.ts`]).at(-1) ?? []),
      '#EXT-X-ENDLIST',
    ]),
  ],
  'a recording': [0, 0].map(() => [
    '#EXT-X-TARGETDURATION:2',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    ...Array.from({ length: 9 }, (_, msn) => ['#EXTINF:2.0,', `${msn}.ts`]).flat(),
    '#EXT-X-ENDLIST',
  ]),
};

const relayed = Object.entries(SCENARIOS).map(([scenario, playlists]) => {
  const relay = new RelayedPlaylist();
  return { scenario, source: playlists, loads: playlists.map((lines) => relay.take(lines).lines()) };
});

describe.each(RULES)('$rule', ({ holds, broken }) => {
  it.each(relayed)('$scenario', ({ loads }) => {
    expect(holds(loads), loads.map((lines) => lines.join('\n')).join('\n\n')).toBe(true);
  });

  it('is broken by some playlist', () => {
    expect(holds(broken)).toBe(false);
  });
});

describe('a relayed playlist describes its segments as the source does', () => {
  it.each(relayed)('$scenario', ({ source, loads }) => {
    for (const [index, lines] of loads.entries()) {
      const theirs = seenSegments(source[index] ?? []).map(({ seconds, gap, dateTime, keys }) => ({
        ...{ seconds, gap, dateTime },
        keys: keys.map((key) => key.replace(/URI="key-/, 'URI="https://host/live/key-')),
      }));
      const ours = seenSegments(lines)
        .slice(-theirs.length)
        .map(({ seconds, gap, dateTime, keys }) => ({ seconds, gap, dateTime, keys }));
      expect(ours).toEqual(theirs);
    }
  });
});

describe('hls.js accepts a relayed playlist', () => {
  it.each(relayed)('$scenario', ({ loads }) => {
    for (const lines of loads) expect(complaint(lines), lines.join('\n')).toBeNull();
  });

  it('but not every playlist', () => {
    expect(complaint([...LIST, '#EXT-X-DEFINE:IMPORT="none"', ...A])).not.toBeNull();
  });
});

/** A window of seven segments, after each segment that was added. */
function slide(segments: number, write: (msn: number) => readonly string[]): string[][] {
  return Array.from({ length: segments }, (_, last) => {
    const first = Math.max(0, last - 6);
    const listed = Array.from({ length: last - first + 1 }, (_, index) => write(first + index));
    const dropped = Array.from({ length: first }, (_, msn) => write(msn)).flat();
    return [
      '#EXT-X-TARGETDURATION:2',
      `#EXT-X-MEDIA-SEQUENCE:${first}`,
      `#EXT-X-DISCONTINUITY-SEQUENCE:${count(dropped, '#EXT-X-DISCONTINUITY')}`,
      ...listed.flat(),
    ];
  });
}
