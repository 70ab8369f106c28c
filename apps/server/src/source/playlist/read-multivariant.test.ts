import { describe, expect, it } from 'vitest';
import { readMultivariant } from './read-multivariant.ts';

const BASE = 'https://host/a/master.m3u8';
const LOW =
  '#EXT-X-STREAM-INF:BANDWIDTH=800000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=640x360,AUDIO="aud"';
const HIGH =
  '#EXT-X-STREAM-INF:BANDWIDTH=2000000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,AUDIO="aud"';
const SOUND =
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",NAME="English",LANGUAGE="en",X-NOTE="a,b",URI="en/index.m3u8"';
const read = (lines: string[]) => readMultivariant(['#EXTM3U', ...lines], BASE);
const text = (lines: string[]) => read(lines).parts.flatMap((part) => part.lines);

describe('readMultivariant', () => {
  it('follows variants and alternate renditions, and writes our paths into the lines', () => {
    const { renditions, parts } = read([SOUND, LOW, 'low/index.m3u8?t=1', HIGH, 'https://cdn/high.m3u8']);
    expect(renditions.map(({ url, attributes }) => [url, attributes.type])).toEqual([
      ['https://host/a/en/index.m3u8', 'audio'],
      ['https://host/a/low/index.m3u8?t=1', 'video'],
      ['https://cdn/high.m3u8', 'video'],
    ]);
    const [sound, low, high] = renditions.map(({ id }) => `${id}/index.m3u8`);
    expect(parts.flatMap(({ lines }) => lines)).toEqual([
      '#EXTM3U',
      SOUND.replace('en/index.m3u8', sound ?? ''),
      ...[LOW, low],
      ...[HIGH, high],
    ]);
    expect(parts.map(({ choice }) => choice)).toEqual([undefined, 'AUDIO aud', 'variant', 'variant']);
  });

  it('gives renditions the same ids in any order', () => {
    const one = read([LOW, 'low', HIGH, 'high']).renditions.map(({ url, id }) => [url, id]);
    const other = read([HIGH, 'high', LOW, 'low']).renditions.map(({ url, id }) => [url, id]);
    expect(other.reverse()).toEqual(one);
  });

  it('keeps the id of a playlist when its listed bandwidth changes', () => {
    const [before] = read([LOW, 'low?t=1']).renditions;
    const known = new Map([['/a/low', before?.id ?? '']]);
    const lines = ['#EXTM3U', LOW.replace('800000', '900000'), 'low?t=2'];
    expect(readMultivariant(lines, BASE, known).renditions[0]).toMatchObject({
      id: before?.id,
      url: 'https://host/a/low?t=2',
    });
  });

  it('treats one playlist in several variants as one rendition', () => {
    const withOther = LOW.replace('"aud"', '"other"');
    expect(read([LOW, 'low', withOther, 'low']).renditions.length).toBe(1);
    const [id] = read([LOW, 'low', withOther, 'low']).renditions.map((rendition) => rendition.id);
    expect(read([withOther, 'low', LOW, 'low']).renditions[0]?.id).toBe(id);
  });

  it('passes on unknown lines, makes the addresses of session data and keys absolute, drops trick play and steering', () => {
    expect(
      text([
        '#EXT-X-INDEPENDENT-SEGMENTS',
        '#EXT-X-SESSION-KEY:METHOD=AES-128,URI="key"',
        '#EXT-X-SESSION-DATA:DATA-ID="com.example.title",VALUE="Show",LANGUAGE="en"',
        '#EXT-X-SESSION-DATA:DATA-ID="com.example.lyrics",URI="lyrics.json"',
        '#EXT-X-SESSION-DATA:DATA-ID="com.example.broken",URI="http://[bad"',
        '#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1,URI="thumbnails.m3u8"',
        '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="iframes.m3u8"',
        '#EXT-X-CONTENT-STEERING:SERVER-URI="steer"',
        '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="CC",INSTREAM-ID="CC1"',
        '# a note',
        '#EXT-X-VENDOR:1',
        LOW,
        '#EXT-X-BETWEEN',
        'low',
      ]).slice(0, -1),
    ).toEqual([
      '#EXTM3U',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-SESSION-KEY:METHOD=AES-128,URI="https://host/a/key"',
      '#EXT-X-SESSION-DATA:DATA-ID="com.example.title",VALUE="Show",LANGUAGE="en"',
      '#EXT-X-SESSION-DATA:DATA-ID="com.example.lyrics",URI="https://host/a/lyrics.json"',
      '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="CC",INSTREAM-ID="CC1"',
      '# a note',
      '#EXT-X-VENDOR:1',
      LOW,
      '#EXT-X-BETWEEN',
    ]);
  });

  it('leaves out a variant with an invalid address, and fails only when none is left', () => {
    expect(read([LOW, 'javascript:alert(1)', HIGH, 'high']).renditions.length).toBe(1);
    expect(() => read([LOW, 'file:///etc/passwd'])).toThrow('without variants');
  });

  it('follows 32 renditions and leaves the others out', () => {
    const lines = Array.from({ length: 50 }, (_, index) => [
      `#EXT-X-STREAM-INF:BANDWIDTH=${index + 1}`,
      `${index}.m3u8`,
    ]).flat();
    const { renditions, parts } = read(lines);
    expect(renditions.length).toBe(32);
    expect(parts.filter(({ rendition }) => rendition !== undefined).length).toBe(32);
  });
});
