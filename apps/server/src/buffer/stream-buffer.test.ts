import { createHash } from 'node:crypto';
import { pieceSize } from '@freshet/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredSegment } from './stored-segment.ts';
import { MAX_RENDITIONS, StreamBuffer } from './stream-buffer.ts';

const media = (bytes: number) => ({
  data: Buffer.alloc(bytes, 7),
  contentType: 'video/mp2t',
  extension: 'ts',
  durationMs: 2000,
});

function open(options: { bufferSeconds?: number; bufferBytes?: number; dvrSeconds?: number } = {}) {
  const stored: StoredSegment[] = [];
  const buffer = new StreamBuffer({ epoch: 100, ...options, onSegment: (segment) => stored.push(segment) });
  return { buffer, stored, rendition: buffer.declareRendition('0000000a', { type: 'video' }) };
}

describe('StreamBuffer', () => {
  it('gives each segment its piece list, and reports the segment once it is listed', () => {
    const { buffer, rendition, stored } = open();
    const data = Buffer.from(Array.from({ length: 40_000 }, (_, index) => index % 251));
    rendition.append({ ...media(1), data, msn: 5 });
    const size = pieceSize(data.length);
    const expected = [data.subarray(0, size), data.subarray(size, 2 * size), data.subarray(2 * size)].map(
      (piece) => createHash('sha256').update(piece).digest(),
    );
    expect(Buffer.from(stored[0]?.hashes ?? [])).toEqual(Buffer.concat(expected));
    expect(stored[0]?.key).toBe('100/0000000a/5');
    expect(stored[0]?.data).toBe(data);
    expect(buffer.recentSegments(9)).toEqual(stored);
  });

  it('keeps at least the configured seconds', () => {
    const { buffer, rendition } = open({ bufferSeconds: 10 });
    for (let msn = 0; msn < 20; msn++) rendition.append({ ...media(10), msn });
    expect(rendition.entries.map(({ msn }) => msn)).toEqual([15, 16, 17, 18, 19]);
    expect(buffer.heldSeconds).toBe(10);
    expect(buffer.bytes).toBe(50);
    expect(rendition.segment(100, 14)).toBeUndefined();
    expect(rendition.segment(100, 15)?.id.msn).toBe(15);
    expect(rendition.segment(99, 15)).toBeUndefined();
  });

  it('advertises the whole rewindable window, and keeps a little more', () => {
    const { buffer, rendition } = open({ dvrSeconds: 20 });
    for (let msn = 0; msn < 50; msn++) {
      rendition.append({ ...media(10), msn });
      rendition.advertiseFrom(msn - 3);
    }
    expect(rendition.listed.map(({ msn }) => msn)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
    expect(buffer.windowSeconds).toBe(20);
    expect(buffer.heldSeconds).toBe(60);
    expect(buffer.cutByBytes).toBe(false);
  });

  it('reports that the limit in bytes cuts the window, and does not list what is about to leave', () => {
    const { buffer, rendition } = open({ dvrSeconds: 3600, bufferBytes: 100 });
    for (let msn = 0; msn < 10; msn++) {
      rendition.append({ ...media(10), msn });
      rendition.advertiseFrom(msn - 3);
    }
    expect(rendition.listed[0]?.msn).toBe(0);
    expect(buffer.cutByBytes).toBe(false);
    rendition.append({ ...media(10), msn: 10 });
    rendition.advertiseFrom(8);
    expect(rendition.entries[0]?.msn).toBe(1);
    expect(rendition.listed.map(({ msn }) => msn)).toEqual([4, 5, 6, 7, 8, 9, 10]);
    expect(buffer.windowSeconds).toBe(14);
    expect(buffer.cutByBytes).toBe(true);
  });

  it('gives new viewers the first segments in memory of a recording, and the newest of a live rendition', () => {
    const { buffer, rendition } = open();
    const other = buffer.declareRendition('0000000b', { type: 'audio' });
    rendition.setWhole(true);
    for (let msn = 0; msn < 9; msn++) rendition.appendOnDemand({ msn, durationMs: 2000 }, 'ts');
    for (const msn of [7, 2, 5]) rendition.putOnDemand(msn, { ...media(1), contentType: 'video/mp2t' });
    for (let msn = 0; msn < 3; msn++) other.append({ ...media(1), msn });
    const keys = (limit: number) => buffer.recentSegments(limit).map(({ key }) => key);
    expect(keys(5)).toEqual(['a/2', 'a/5', 'b/0', 'b/1', 'b/2'].map((name) => `100/0000000${name}`));
    expect(keys(2)).toEqual(['b/1', 'b/2'].map((name) => `100/0000000${name}`));
  });

  it('keeps entries on demand for ever, and only their most recently used bytes', () => {
    const { buffer, rendition, stored } = open({ bufferSeconds: 4, bufferBytes: 100 });
    for (let msn = 0; msn < 50; msn++) rendition.appendOnDemand({ msn, durationMs: 2000 }, 'ts');
    expect(rendition.listed.length).toBe(50);
    expect(buffer.bytes).toBe(0);
    const put = (msn: number) => rendition.putOnDemand(msn, { ...media(40), contentType: 'video/mp2t' });
    put(1);
    put(2);
    void rendition.demand(100, 1, 'ts');
    put(3);
    const held = () => rendition.entries.filter(({ segment }) => segment !== undefined).map(({ msn }) => msn);
    expect(held()).toEqual([1, 3]);
    expect(buffer.bytes).toBe(80);
    expect(buffer.heldSeconds).toBe(4);
    // A single one that is larger than the limit is served nevertheless.
    rendition.putOnDemand(4, { ...media(400), contentType: 'video/mp2t' });
    expect(held()).toEqual([4]);
    // They were listed before, so they are not reported as new segments.
    expect(stored).toEqual([]);
    rendition.clear();
    expect(buffer.bytes).toBe(0);
    expect(rendition.entries).toEqual([]);
  });

  it('evicts the oldest arrivals of all renditions above its limit in bytes, and keeps each one’s newest', () => {
    const { buffer, rendition } = open({ bufferBytes: 100 });
    const other = buffer.declareRendition('0000000b', { type: 'audio' });
    other.append({ ...media(10), msn: 0 });
    rendition.append({ ...media(40), msn: 0 });
    other.append({ ...media(10), msn: 1 });
    rendition.append({ ...media(40), msn: 1 });
    expect(buffer.bytes).toBe(100);
    rendition.append({ ...media(40), msn: 2 });
    expect(other.entries.map(({ msn }) => msn)).toEqual([1]);
    expect(rendition.entries.map(({ msn }) => msn)).toEqual([1, 2]);
    rendition.append({ ...media(400), msn: 3 });
    expect(rendition.entries.map(({ msn }) => msn)).toEqual([3]);
    expect(other.entries.map(({ msn }) => msn)).toEqual([1]);
  });

  it('counts its bytes correctly through any sequence of changes', () => {
    const step = fc.record({
      kind: fc.constantFrom('segment', 'gap', 'jump', 'init'),
      bytes: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { buffer, rendition } = open({ bufferSeconds: 12, bufferBytes: 200 });
        for (const { kind, bytes } of steps) {
          const msn = (rendition.nextMsn ?? 0) + (kind === 'jump' ? 5 : 0);
          if (kind === 'gap') rendition.appendGap({ msn, durationMs: 2000 });
          else if (kind === 'init') {
            const init = rendition.putInit(Buffer.alloc(bytes, bytes), 'video/mp4');
            rendition.append({ ...media(bytes), msn, init });
            expect(rendition.init(100, init.hash)).toBe(init);
          } else rendition.append({ ...media(bytes), msn });
        }
        const inits = new Set(rendition.entries.map(({ init }) => init).filter((init) => init !== undefined));
        for (const init of inits) expect(rendition.init(init.epoch, init.hash)).toBe(init);
        const held =
          rendition.entries.reduce((sum, { segment }) => sum + (segment?.data.length ?? 0), 0) +
          [...inits].reduce((sum, { data }) => sum + data.length, 0);
        // At most one more init segment: the newest is kept for later segments.
        expect(buffer.bytes).toBeGreaterThanOrEqual(held);
        expect(buffer.bytes).toBeLessThanOrEqual(held + 60);
        const numbers = rendition.entries.map(({ msn }) => msn);
        expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
      }),
    );
  });

  it('keeps one URL for init segments with the same bytes, and each init segment that a listed segment needs', () => {
    const { buffer, rendition } = open({ bufferSeconds: 6 });
    const first = rendition.putInit(Buffer.from('moov one'), 'video/mp4');
    buffer.openEpoch();
    // The bytes keep their URL.
    expect(rendition.putInit(Buffer.from('moov one'), 'video/mp4')).toBe(first);
    const second = rendition.putInit(Buffer.from('moov two'), 'video/mp4');
    // The second arrived before any segment used the first, so the first was dropped.
    expect(rendition.init(100, first.hash)).toBeUndefined();
    rendition.append({ ...media(1), msn: 0, init: first });
    for (let msn = 1; msn < 5; msn++) {
      expect(rendition.init(101, second.hash)).toBe(second);
      expect(rendition.init(100, first.hash)).toBe(msn < 4 ? first : undefined);
      rendition.append({ ...media(1), msn, init: second });
    }
    expect(rendition.init(101, second.hash)).toBe(second);
  });

  it('advertises a window that only moves forward', () => {
    const { rendition } = open();
    for (let msn = 0; msn < 10; msn++) rendition.append({ ...media(1), msn });
    rendition.advertiseFrom(4);
    rendition.advertiseFrom(2);
    expect(rendition.listed.map(({ msn }) => msn)).toEqual([4, 5, 6, 7, 8, 9]);
    rendition.advertiseFrom(50);
    expect(rendition.listed.map(({ msn }) => msn)).toEqual([9]);
    expect(rendition.segment(100, 0)).toBeDefined();
  });

  it('refuses invalid input from a feed', () => {
    const { buffer, rendition } = open();
    rendition.append({ ...media(1), msn: 3, timeline: 2 });
    expect(() => rendition.append({ ...media(1), msn: 3 })).toThrow(RangeError);
    expect(() => rendition.append({ ...media(1), msn: 4, timeline: 1 })).toThrow(RangeError);
    expect(() => rendition.append({ ...media(0), msn: 4 })).toThrow(RangeError);
    expect(() => rendition.append({ ...media(1), msn: 4, extension: '../x' })).toThrow(RangeError);
    for (let n = 1; n < MAX_RENDITIONS; n++)
      buffer.declareRendition((n + 100).toString(16).padStart(8, '0'), { type: 'video' });
    expect(() => buffer.declareRendition('ffffffff', { type: 'video' })).toThrow(RangeError);
  });

  it('changes its version with every change of the playlist, and only then', () => {
    const { rendition } = open();
    rendition.append({ ...media(1), msn: 0, lines: ['#EXTINF:2,'] });
    const { version } = rendition;
    rendition.refresh(0, ['#EXTINF:2,']);
    rendition.refresh(7, ['#EXTINF:3,']);
    rendition.setHeader([]);
    rendition.setEnded(false);
    expect(rendition.version).toBe(version);
    rendition.refresh(0, ['#EXT-X-DATERANGE:ID="a"', '#EXTINF:2,']);
    expect(rendition.version).toBeGreaterThan(version);
  });
});
