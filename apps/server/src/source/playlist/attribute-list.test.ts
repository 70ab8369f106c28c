import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAttributes, replaceQuoted } from './attribute-list.ts';

describe('readAttributes', () => {
  it('reads quoted and bare values, commas and equals signs inside quotes too', () => {
    const line = '#EXT-X-MEDIA:TYPE=AUDIO,NAME="a, b=c",URI="x.m3u8?t=1,2",DEFAULT=YES,EMPTY=""';
    expect([...readAttributes(line)]).toEqual([
      ['TYPE', 'AUDIO'],
      ['NAME', 'a, b=c'],
      ['URI', 'x.m3u8?t=1,2'],
      ['DEFAULT', 'YES'],
      ['EMPTY', ''],
    ]);
  });

  it('stops at text that is not an attribute, in one pass', () => {
    expect([...readAttributes('#X:A=1,b=2,C=3')]).toEqual([['A', '1']]);
    const started = performance.now();
    for (const rubbish of ['A', 'A=', '"', 'A="', ',', 'A=","', ' ', 'A= '])
      readAttributes(`#X:${rubbish.repeat(400_000)}`);
    // Quadratic time would take minutes.
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('replaceQuoted', () => {
  it('replaces one value and leaves the rest of the line alone', () => {
    expect(replaceQuoted('#EXT-X-MAP: URI="a", X-VENDOR="URI=b",BYTERANGE="1@2"', 'URI', 'c')).toBe(
      '#EXT-X-MAP: URI="c", X-VENDOR="URI=b",BYTERANGE="1@2"',
    );
  });

  it('keeps every other attribute unchanged', () => {
    const name = fc.stringMatching(/^[A-Z0-9-]{1,12}$/).filter((text) => text !== 'URI');
    const value = fc.oneof(
      fc.stringMatching(/^[^",\r\n]{0,12}$/),
      fc.stringMatching(/^[^"\r\n]{0,12}$/).map((text) => `"${text}"`),
    );
    const list = fc.array(fc.tuple(name, value), { maxLength: 6 });
    fc.assert(
      fc.property(list, list, (before, after) => {
        const text = (pairs: [string, string][]) => pairs.map(([key, value]) => `${key}=${value}`);
        const line = (uri: string) =>
          `#EXT-X-MEDIA:${[...text(before), `URI="${uri}"`, ...text(after)].join(',')}`;
        expect(replaceQuoted(line('old, value'), 'URI', 'new')).toBe(line('new'));
      }),
    );
  });
});
