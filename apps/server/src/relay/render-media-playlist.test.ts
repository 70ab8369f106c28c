import { describe, expect, it } from 'vitest';
import type { PlaylistEntry } from '../buffer/playlist-entry.ts';
import { storeInit, storeSegment } from '../buffer/stored-segment.ts';
import { renderMediaPlaylist } from './render-media-playlist.ts';

const RENDITION = '0000000a';
const KEY_A = '#EXT-X-KEY:METHOD=AES-128,URI="https://keys/a"';
const KEY_B = '#EXT-X-KEY:METHOD=AES-128,URI="https://keys/b"';

function entry(msn: number, more: Partial<PlaylistEntry> = {}): PlaylistEntry {
  const epoch = more.epoch ?? 7;
  const media = { data: Buffer.from('x'), contentType: 'video/mp2t', extension: 'ts', durationMs: 2000 };
  return {
    msn,
    epoch,
    timeline: 0,
    durationMs: 2000,
    lines: ['#EXTINF:2.000,'],
    keys: [],
    init: undefined,
    initKeys: [],
    origin: undefined,
    onDemand: undefined,
    segment: storeSegment({ epoch, rendition: RENDITION, msn }, media),
    ...more,
  };
}

function render(listed: PlaylistEntry[], header: string[] = [], ended = false, whole = false): string[] {
  return renderMediaPlaylist({ id: RENDITION, header, listed, ended, whole, longestSeconds: 1 })
    .trimEnd()
    .split('\n');
}

describe('renderMediaPlaylist', () => {
  it('writes the header, our paths, and the source’s lines unchanged', () => {
    const lines = ['#EXT-X-CUE-OUT:30', '#EXT-X-VENDOR:a="b"', '#EXTINF:2.000,a title, with a comma'];
    expect(
      render(
        [entry(4, { lines })],
        ['#EXT-X-VERSION:4', '#EXT-X-TARGETDURATION:3', '#EXT-X-START:TIME-OFFSET=-6'],
      ),
    ).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:4',
      '#EXT-X-START:TIME-OFFSET=-6',
      '#EXT-X-TARGETDURATION:3',
      '#EXT-X-MEDIA-SEQUENCE:4',
      ...lines,
      '4.ts?epoch=7',
    ]);
  });

  it('marks the start of a timeline, and counts those that left the window', () => {
    const old = entry(3, { timeline: 1 });
    const fresh = entry(4, { timeline: 2, epoch: 8 });
    expect(render([old, fresh]).slice(3)).toEqual([
      '#EXT-X-MEDIA-SEQUENCE:3',
      '#EXT-X-DISCONTINUITY-SEQUENCE:1',
      '#EXTINF:2.000,',
      '3.ts?epoch=7',
      '#EXT-X-DISCONTINUITY',
      '#EXTINF:2.000,',
      '4.ts?epoch=8',
    ]);
    expect(render([fresh])).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:2');
    expect(render([fresh])).not.toContain('#EXT-X-DISCONTINUITY');
  });

  it('writes EXT-X-MAP where it changes and after a discontinuity', () => {
    const [one, two] = ['one', 'two'].map((text) => storeInit(7, RENDITION, Buffer.from(text), 'video/mp4'));
    const lines = render([
      entry(1, { init: one }),
      entry(2, { init: one }),
      entry(3, { init: two }),
      entry(4, { init: two, timeline: 1 }),
    ]);
    const map = (init: typeof one) => `#EXT-X-MAP:URI="init-${init?.hash ?? ''}.mp4?epoch=7"`;
    expect(lines.filter((line) => line.startsWith('#EXT-X-MAP'))).toEqual([map(one), map(two), map(two)]);
    expect(lines[1]).toBe('#EXT-X-VERSION:6');
  });

  it('starts over where the source changes from fMP4 to MPEG-TS: EXT-X-MAP cannot be cancelled', () => {
    const init = storeInit(7, RENDITION, Buffer.from('one'), 'video/mp4');
    const lines = render([entry(1, { init }), entry(2, { timeline: 1 }), entry(3, { timeline: 1 })]);
    expect(lines).toContain('#EXT-X-MEDIA-SEQUENCE:2');
    expect(lines.some((line) => line.startsWith('#EXT-X-MAP'))).toBe(false);
  });

  it('writes keys where they change, ends them, and keeps a clear init segment in the clear', () => {
    const init = storeInit(7, RENDITION, Buffer.from('one'), 'video/mp4');
    const lines = render([
      entry(1, { init, keys: [KEY_A] }),
      entry(2, { init, keys: [KEY_A] }),
      entry(3, { init, keys: [KEY_B] }),
      entry(4, { init }),
    ]);
    expect(lines.filter((line) => /^#EXT-X-(?:KEY|MAP)/.test(line)).map((line) => line.slice(0, 50))).toEqual(
      [
        `#EXT-X-MAP:URI="init-${init.hash}.mp4?epoch=7"`.slice(0, 50),
        KEY_A.slice(0, 50),
        KEY_B.slice(0, 50),
        '#EXT-X-KEY:METHOD=NONE',
      ],
    );
  });

  it('ends the keys of formats that are no longer in force', () => {
    const other = '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple"';
    const lines = render([entry(1, { keys: [KEY_A, other] }), entry(2, { keys: [KEY_B] })]);
    expect(lines.filter((line) => line.startsWith('#EXT-X-KEY'))).toEqual([
      KEY_A,
      other,
      '#EXT-X-KEY:METHOD=NONE',
      KEY_B,
    ]);
  });

  it('lists a gap with the version that it needs, and the end of the list', () => {
    const lines = render([entry(1), entry(2, { segment: undefined })], [], true);
    expect(lines).toContain('#EXT-X-VERSION:8');
    expect(lines.slice(-4)).toEqual(['#EXTINF:2.000,', '#EXT-X-GAP', '2.gap?epoch=7', '#EXT-X-ENDLIST']);
  });

  it('lists on-demand segments like stored ones, and marks a whole programme as VOD', () => {
    const onDemand = entry(1, { segment: undefined, onDemand: 'ts' });
    expect(render([onDemand], [], true, true).slice(1)).toEqual([
      '#EXT-X-VERSION:3',
      '#EXT-X-TARGETDURATION:2',
      '#EXT-X-PLAYLIST-TYPE:VOD',
      '#EXT-X-MEDIA-SEQUENCE:1',
      '#EXTINF:2.000,',
      '1.ts?epoch=7',
      '#EXT-X-ENDLIST',
    ]);
    expect(render([onDemand], [], false, true)).not.toContain('#EXT-X-PLAYLIST-TYPE:VOD');
  });

  it('names the broadcaster’s CDN and the segment there; gaps and init segments stay here', () => {
    const init = storeInit(7, RENDITION, Buffer.from('one'), 'video/mp4');
    const at = (msn: number) => ({ init, origin: `https://cdn/${msn}.m4s?v=1` });
    const lines = render([entry(1, at(1)), entry(2, { ...at(2), segment: undefined }), entry(3, at(3))]);
    expect(lines.slice(4)).toEqual([
      `#EXT-X-MAP:URI="init-${init.hash}.mp4?epoch=7"`,
      ...['#EXTINF:2.000,', '#EXT-X-FRESHET-SEGMENT:7/0000000a/1', 'https://cdn/1.m4s?v=1'],
      ...['#EXTINF:2.000,', '#EXT-X-GAP', '2.gap?epoch=7'],
      ...['#EXTINF:2.000,', '#EXT-X-FRESHET-SEGMENT:7/0000000a/3', 'https://cdn/3.m4s?v=1'],
    ]);
  });

  it('never writes a target duration that a segment exceeds', () => {
    expect(render([entry(1, { durationMs: 4400 })], ['#EXT-X-TARGETDURATION:2'])).toContain(
      '#EXT-X-TARGETDURATION:4',
    );
  });
});
