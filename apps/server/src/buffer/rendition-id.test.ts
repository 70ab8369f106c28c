import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RenditionAttributes, renditionId, renditionIds } from './rendition-id.ts';

const video = (bandwidth: number): RenditionAttributes => ({
  type: 'video',
  bandwidth,
  codecs: 'avc1.64001f',
});

describe('renditionId', () => {
  it('is eight hexadecimal digits that do not depend on the order of attributes', () => {
    const id = renditionId({ type: 'video', bandwidth: 1, codecs: 'a,b' });
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(renditionId({ codecs: 'a,b', bandwidth: 1, type: 'video' })).toBe(id);
  });

  it('treats different spellings of an attribute as equal', () => {
    const id = renditionId({ type: 'video', codecs: 'avc1.64001f,mp4a.40.2', resolution: '640x360' });
    expect(renditionId({ type: 'video', codecs: ' mp4a.40.2, avc1.64001F ', resolution: '640X360' })).toBe(
      id,
    );
  });
});

describe('renditionIds', () => {
  it('gives the same ids in any order of the list', () => {
    const list = [1e6, 2e6, 3e6].map(video);
    const ids = new Map(renditionIds(list).map((id, index) => [list[index], id]));
    fc.assert(
      fc.property(fc.shuffledSubarray(list), (shuffled) => {
        expect(renditionIds(shuffled)).toEqual(shuffled.map((attributes) => ids.get(attributes)));
      }),
    );
  });

  it('distinguishes renditions with equal attributes', () => {
    const ids = renditionIds([video(1), video(1), video(1)]);
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toBe(renditionId(video(1)));
  });
});
