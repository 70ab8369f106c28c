import { LIMITS } from '@freshet/protocol';
import { describe, expect, it } from 'vitest';
import { StreamBuffer } from './stream-buffer.ts';

const TYPE = { contentType: 'video/mp4', extension: 'm4s' };
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp() {
  const buffer = new StreamBuffer({ epoch: 7 });
  const rendition = buffer.declareRendition('0000000a', { type: 'video' });
  const { edge } = rendition;
  edge.offer(500);
  const begin = (msn: number) => {
    edge.begin({ msn, epoch: 7, timeline: 0, lines: [], keys: [], init: undefined, initKeys: [] }, TYPE);
  };
  const add = (text: string) => edge.add({ data: Buffer.from(text), durationMs: 500, independent: false });
  const append = (msn: number, text: string, durationMs = 1000) =>
    rendition.append({ msn, data: Buffer.from(text), durationMs, ...TYPE });
  return { buffer, rendition, edge, begin, add, append };
}

describe('LiveEdge', () => {
  it('hints at the next part, and finds each part by its place', () => {
    const { edge, begin, add, append } = setUp();
    expect(edge.hint).toBeUndefined();
    append(3, 'xy');
    expect(edge.hint).toEqual({ epoch: 7, msn: 4, part: 0 });
    begin(4);
    add('ab');
    expect(edge.hint).toEqual({ epoch: 7, msn: 4, part: 1 });
    expect(edge.part({ epoch: 7, msn: 4, part: 0 })?.data.toString()).toBe('ab');
    expect(edge.part({ epoch: 8, msn: 4, part: 0 })).toBeUndefined();
    expect(edge.part({ epoch: 7, msn: 4, part: 1 })).toBeUndefined();
  });

  it('holds the bytes of a completed segment once, as slices of it', () => {
    const { buffer, edge, begin, add, append } = setUp();
    begin(0);
    add('ab');
    add('cde');
    expect(buffer.bytes).toBe(5);
    const segment = append(0, 'abcde');
    expect(buffer.bytes).toBe(5);
    expect(edge.partsOf(0).map(({ data }) => data.toString())).toEqual(['ab', 'cde']);
    expect(edge.partsOf(0)[1]?.data.buffer).toBe(segment.data.buffer);
  });

  it('keeps the parts’ own bytes if the segment is not their sum, and frees them later', () => {
    const { buffer, edge, begin, add, append } = setUp();
    begin(0);
    add('ab');
    add('cd');
    append(0, 'a segment');
    expect(edge.partsOf(0).map(({ data }) => data.toString())).toEqual(['ab', 'cd']);
    expect(buffer.bytes).toBe(4 + 9);
    for (let msn = 1; msn < 12; msn++) append(msn, 'x');
    expect(edge.partsOf(0)).toEqual([]);
    expect(buffer.bytes).toBe(9 + 11);
  });

  it('drops parts that do not reach the end of their segment', () => {
    const { buffer, edge, begin, add, append } = setUp();
    begin(0);
    add('ab');
    append(0, 'abcd');
    expect(edge.partsOf(0)).toEqual([]);
    expect(buffer.bytes).toBe(4);
    begin(1);
    add('ab');
    append(2, 'ab', 500);
    expect(edge.partsOf(2)).toEqual([]);
  });

  it('takes a segment with too many parts whole', () => {
    const { buffer, edge, begin, add } = setUp();
    begin(0);
    for (let part = 0; part < LIMITS.partsPerSegment; part++) expect(add('a')).toBe(true);
    expect(add('a')).toBe(false);
    expect(edge.open).toBeUndefined();
    expect(buffer.bytes).toBe(0);
  });

  it('reports simultaneous changes once, and frees all bytes when parts end', async () => {
    const { buffer, edge, begin, add, append } = setUp();
    let told = 0;
    const stop = edge.onChange(() => told++);
    begin(0);
    add('ab');
    add('cd');
    append(0, 'abcd');
    await tick();
    expect(told).toBe(1);
    begin(1);
    add('ef');
    edge.withdraw();
    await tick();
    expect(told).toBe(2);
    expect(edge.partTargetMs).toBeUndefined();
    expect(edge.hint).toBeUndefined();
    expect(buffer.bytes).toBe(4);
    stop();
    edge.offer(500);
    await tick();
    expect(told).toBe(2);
  });
});
