import { describe, expect, it } from 'vitest';
import { StreamBuffer } from '../buffer/stream-buffer.ts';
import type { MultivariantPart } from '../stream/live-stream.ts';
import { makeMultivariant, renderMultivariant, withPlaylistQuery } from './render-multivariant.ts';

const PARTS: MultivariantPart[] = [
  { lines: ['#EXTM3U'] },
  { lines: ['#EXT-X-MEDIA:en'], rendition: '0000000a', choice: 'AUDIO aud' },
  { lines: ['#EXT-X-MEDIA:da'], rendition: '0000000b', choice: 'AUDIO aud' },
  { lines: ['#EXT-X-STREAM-INF:low', 'low'], rendition: '0000000c', choice: 'variant' },
  { lines: ['#EXT-X-STREAM-INF:high', 'high'], rendition: '0000000d', choice: 'variant' },
];

function without(...dead: string[]): string[] {
  const text = renderMultivariant(
    PARTS,
    ({ rendition }) => rendition === undefined || !dead.includes(rendition),
  );
  return text.trimEnd().split('\n');
}

describe('renderMultivariant', () => {
  it('omits renditions that do not work while alternatives remain', () => {
    expect(without('0000000b', '0000000d')).toEqual([
      '#EXTM3U',
      '#EXT-X-MEDIA:en',
      '#EXT-X-STREAM-INF:low',
      'low',
    ]);
  });

  it('keeps a choice of which nothing works: an outage does not change the stream', () => {
    expect(without('0000000a', '0000000b', '0000000c', '0000000d')).toEqual(
      PARTS.flatMap(({ lines }) => lines),
    );
  });
});

describe('makeMultivariant', () => {
  it('lists the only rendition with its measured bandwidth and its known attributes', () => {
    const buffer = new StreamBuffer({ epoch: 1 });
    const bare = buffer.declareRendition('0000000a', { type: 'video' });
    for (const [msn, bytes] of [1000, 3000].entries())
      bare.append({
        msn,
        data: Buffer.alloc(bytes),
        contentType: 'video/mp2t',
        extension: 'ts',
        durationMs: 2000,
      });
    expect(makeMultivariant(buffer.renditions).split('\n')).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:6',
      '#EXT-X-STREAM-INF:BANDWIDTH=12000,AVERAGE-BANDWIDTH=8000',
      '0000000a/index.m3u8',
      '',
    ]);
    const known = new StreamBuffer({ epoch: 1 });
    known.declareRendition('0000000b', {
      type: 'video',
      bandwidth: 5,
      codecs: 'avc1.64001f,mp4a.40.2',
      resolution: '640x360',
      frameRate: 25,
    });
    expect(makeMultivariant(known.renditions)).toContain(
      '#EXT-X-STREAM-INF:BANDWIDTH=5,AVERAGE-BANDWIDTH=1,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000',
    );
  });
});

it('adds the token to the addresses of our own playlists and to no other', () => {
  const foreign = [
    '#EXT-X-MEDIA:TYPE=AUDIO,NAME="index.m3u8",URI="https://host/0000000a/index.m3u8"',
    '#EXT-X-SESSION-DATA:DATA-ID="x",VALUE="0000000a/index.m3u8"',
    'https://host/0000000a/index.m3u8',
  ];
  const text = [
    '#EXT-X-MEDIA:TYPE=AUDIO,URI="0000000a/index.m3u8"',
    '#EXT-X-I-FRAME-STREAM-INF:URI="0000000b/index.m3u8",BANDWIDTH=1',
    '0000000c/index.m3u8',
    ...foreign,
  ].join('\n');
  expect(withPlaylistQuery(text, 'token=t').split('\n')).toEqual([
    '#EXT-X-MEDIA:TYPE=AUDIO,URI="0000000a/index.m3u8?token=t"',
    '#EXT-X-I-FRAME-STREAM-INF:URI="0000000b/index.m3u8?token=t",BANDWIDTH=1',
    '0000000c/index.m3u8?token=t',
    ...foreign,
  ]);
  expect(withPlaylistQuery(text, '')).toBe(text);
});
