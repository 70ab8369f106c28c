import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_MSN,
  PEER_ID,
  parseSegmentKey,
  segmentFile,
  segmentIdFromUrl,
  segmentKey,
  STREAM_NAME,
} from './ids.ts';
import { LIMITS } from './limits.ts';

const anyId = fc.record(
  {
    epoch: fc.nat(0xffffffff),
    rendition: fc.nat(0xffffffff).map((id) => id.toString(16).padStart(8, '0')),
    msn: fc.maxSafeNat().map((n) => n % (MAX_MSN + 1)),
    part: fc.nat(LIMITS.partsPerSegment - 1),
  },
  { requiredKeys: ['epoch', 'rendition', 'msn'] },
);

describe('segment keys', () => {
  it('P4: the identity can be read from a key and from a URL of the relay', () => {
    fc.assert(
      fc.property(anyId, fc.constantFrom('', '&token=a/b.ts', '#t=3', '&a?b#c'), (id, suffix) => {
        expect(parseSegmentKey(segmentKey(id))).toEqual(id);
        const url = `https://host.example/base/live/demo/${id.rendition}/${segmentFile(id, 'm4s')}${suffix}`;
        expect(segmentIdFromUrl(url)).toEqual(id);
        const { part, ...whole } = id;
        const name = part === undefined ? id.msn : `${id.msn}.${part}`;
        const other = `../${id.rendition}/${name}.ts?token=x&epoch=${id.epoch}`;
        expect(segmentIdFromUrl(other)).toEqual(part === undefined ? whole : id);
      }),
    );
  });

  it('P4: any other text is refused as a key', () => {
    const no = [
      '',
      '1/0badcafe',
      '1/0badcafe/2/3',
      '1/0BADCAFE/2',
      '1/badcafe/2',
      '-1/0badcafe/2',
      '1.5/0badcafe/2',
      '4294967296/0badcafe/2',
      '1/0badcafe/281474976710656',
      ' 1/0badcafe/2',
      '1/0badcafe/2\n',
      '1/0badcafe/9999999999999999',
      `1/0badcafe/2.${LIMITS.partsPerSegment}`,
      '1/0badcafe/2.',
      '1/0badcafe/2.1.1',
    ];
    for (const text of no) expect(parseSegmentKey(text), text).toBeUndefined();
    expect(parseSegmentKey('4294967295/0badcafe/281474976710655')).toBeDefined();
  });

  it('P4: other URLs name no segment of the swarm', () => {
    const no = [
      'https://host/live/demo/0badcafe/init-12.mp4?epoch=1',
      'https://host/live/demo/0badcafe/index.m3u8?epoch=1',
      'https://host/other.ts?x=/0badcafe/2.ts&epoch=1',
      'https://host/live/demo/0badcafe/2?epoch=1',
      'https://host/live/demo/0badcafe/2.toolong?epoch=1',
      'https://host/live/demo/0badcafe/2.ts',
      'https://host/live/demo/0badcafe/2.ts?epoch=x',
      'https://host/live/demo/0badcafe/2.ts?epoch=4294967296',
      'https://host/live/demo/0badcafe/2.ts?anepoch=1',
    ];
    for (const url of no) expect(segmentIdFromUrl(url), url).toBeUndefined();
  });

  it('never throws, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parseSegmentKey(text);
        segmentIdFromUrl(text);
      }),
    );
  });
});

describe('names', () => {
  it('S4: a peer id is 16 characters of base64url', () => {
    expect(PEER_ID.test('AZaz09_-AZaz09_-')).toBe(true);
    for (const id of ['AZaz09_-AZaz09_', 'AZaz09_-AZaz09_-A', 'AZaz09+/AZaz09+/', 'AZaz09_-AZaz09_-\n'])
      expect(PEER_ID.test(id), id).toBe(false);
  });

  it('S3: a stream name cannot lead out of its folder', () => {
    for (const name of ['live', 'Demo-1', 'a_b', '0', 'x'.repeat(64)])
      expect(STREAM_NAME.test(name)).toBe(true);
    const no = [
      '',
      '..',
      '.a',
      'a.b',
      'a/b',
      'a\\b',
      '-a',
      '_a',
      'a b',
      'a\n',
      'x'.repeat(65),
      '%2e%2e',
      '__proto__',
    ];
    for (const name of no) expect(STREAM_NAME.test(name), name).toBe(false);
  });
});
