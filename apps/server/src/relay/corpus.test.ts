import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { M3U8Parser } from 'hls.js';
import { describe, expect, it } from 'vitest';
import { readParts } from '../source/parts/read-parts.ts';
import { playlistLines } from '../source/playlist/playlist-lines.ts';
import { readMediaPlaylist } from '../source/playlist/read-media-playlist.ts';
import { isMultivariant, readMultivariant } from '../source/playlist/read-multivariant.ts';
import { complaint, RULES } from '../testing/playlist-rules.ts';
import { RelayedPlaylist } from '../testing/relayed-playlist.ts';
import { renderMultivariant } from './render-multivariant.ts';

/**
 * Third-party playlists: the test playlists of m3u8-parser (Apache-2.0), well-formed and not, and those of
 * @eyevinn/hls-vodtolive (MIT), which come from broadcasters and packagers.
 */
const require = createRequire(import.meta.url);
const CORPORA = [
  { pack: 'm3u8-parser', file: require.resolve('m3u8-parser/package.json'), folder: 'test/fixtures' },
  { pack: 'vodtolive', file: require.resolve('@eyevinn/hls-vodtolive/package.json'), folder: 'testvectors' },
];
const NO_HEADER = 'the response is not an HLS playlist';
/** Playlists that RFC 8216 forbids and no player could follow, with the error that reports each. */
const REFUSED: Record<string, string> = {
  'm3u8-parser/integration/empty.m3u8': NO_HEADER,
  'm3u8-parser/integration/manifestNoExtM3u.m3u8': NO_HEADER,
  'm3u8-parser/integration/start.m3u8': NO_HEADER,
  'm3u8-parser/integration/master.m3u8': NO_HEADER,
  'm3u8-parser/integration/streamInfInvalid.m3u8': NO_HEADER,
  'm3u8-parser/integration/negativeMediaSequence.m3u8': 'invalid media sequence number: -11',
  // The range continues where the previous one ended, but the previous one was in another file.
  'm3u8-parser/integration/byteRange.m3u8': 'invalid byte range: 713084 bytes at NaN',
  'm3u8-parser/integration/llhls-byte-range.m3u8': 'invalid byte range: 713084 bytes at NaN',
};

const playlists = CORPORA.flatMap(({ pack, file, folder }) => {
  const root = join(dirname(file), folder);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.m3u8'))
    .map((file) => ({ name: `${pack}/${file}`, text: readFileSync(join(root, file), 'utf8') }));
}).sort((a, b) => a.name.localeCompare(b.name));

const URL = 'https://host/live/index.m3u8';
const isMedia = ({ text }: (typeof playlists)[number]) => !/^#EXT-X-STREAM-INF:/m.test(text);

it('the corpus has more than 300 playlists', () => {
  expect(playlists.length).toBeGreaterThan(300);
});

describe('a relayed media playlist keeps every rule', () => {
  it.each(playlists.filter(isMedia))('$name', ({ name, text }) => {
    const relay = new RelayedPlaylist();
    if (name in REFUSED) {
      expect(() => relay.takeText(text)).toThrow(REFUSED[name]);
      return;
    }
    relay.takeText(text);
    const lines = relay.lines();
    for (const { rule, holds } of RULES) expect(holds([lines]), `${rule}\n${lines.join('\n')}`).toBe(true);
    expect(complaint(lines), lines.join('\n')).toBeNull();
  });
});

it('the parts of a low-latency source are read', () => {
  const text = playlists.find(({ name }) => name.endsWith('/llhls.m3u8'))?.text ?? '';
  const { lines } = playlistLines(text, URL);
  const parts = readParts(lines, URL, readMediaPlaylist(lines, URL));
  expect(parts).toMatchObject({ blocksReload: true, open: { msn: 273, steps: 0 } });
  expect([...(parts?.bySegment ?? [])].map(([msn, { length }]) => [msn, length])).toEqual([
    ...[271, 272].map((msn) => [msn, 12]),
    [273, 3],
  ]);
});

describe('a multivariant playlist is relayed with all of its variants', () => {
  it.each(playlists.filter((playlist) => !isMedia(playlist)))('$name', ({ name, text }) => {
    const read = () => {
      const { lines } = playlistLines(text, URL);
      expect(isMultivariant(lines)).toBe(true);
      return readMultivariant(lines, URL).parts;
    };
    if (name in REFUSED) {
      expect(read).toThrow(REFUSED[name]);
      return;
    }
    const relayed = renderMultivariant(read(), () => true);
    const seen = M3U8Parser.parseMasterPlaylist(relayed, URL);
    expect(seen.playlistParsingError).toBeNull();
    expect(seen.levels.length).toBe(M3U8Parser.parseMasterPlaylist(text, URL).levels.length);
  });
});
