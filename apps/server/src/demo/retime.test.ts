import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxes, findBox, findBoxes } from '../mp4/box.ts';
import { loadClip } from './clip.ts';
import { retime } from './retime.ts';

const clip = await loadClip();

interface Run {
  readonly start: bigint;
  readonly end: bigint;
}

/** When each track of a segment starts and ends, in ticks, read from tfdt and trun. */
function runs(segment: Buffer): Map<number, Run> {
  const found = new Map<number, Run>();
  for (const traf of findBoxes(segment, 'moof/traf')) {
    const [tfhd, tfdt, trun] = ['tfhd', 'tfdt', 'trun'].map((type) => findBox(segment, type, traf));
    if (tfhd === undefined || tfdt === undefined || trun === undefined) throw new Error('an odd traf');
    expect(segment[tfdt.body]).toBe(1);
    const start = segment.readBigUInt64BE(tfdt.body + 4);
    // The clip's own layout: the default sample duration is the tfhd's third field.
    const duration = BigInt(segment.readUInt32BE(tfhd.body + 8) * segment.readUInt32BE(trun.body + 4));
    found.set(segment.readUInt32BE(tfhd.body + 4), { start, end: start + duration });
  }
  return found;
}

function at(loop: number, index: number): Buffer {
  return retime(clip.segments[index] ?? Buffer.alloc(0), {
    seconds: loop * clip.durationSeconds,
    sequenceNumber: loop * clip.segments.length + index,
    timescales: clip.timescales,
  });
}

it('the clip has at most 1 Mbit/s and 2 MB', () => {
  expect(clip.bandwidth).toBeLessThanOrEqual(1e6);
  expect(clip.segments.reduce((sum, { length }) => sum + length, clip.init.length)).toBeLessThanOrEqual(2e6);
});

it('the clip has one timescale for video and one for audio', () => {
  expect([...clip.timescales]).toEqual([
    [1, 12800],
    [2, 48000],
  ]);
});

describe('retime', () => {
  it('joins any two loops without gap or overlap, on every track', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (loop) => {
        const order = clip.segments.map((_, index) => [loop, index] as const);
        const path = [...order, ...order.map(([, index]) => [loop + 1, index] as const)];
        let before: Map<number, Run> | undefined;
        for (const [turn, index] of path) {
          const now = runs(at(turn, index));
          for (const [track, { start }] of now)
            if (before !== undefined) expect(start).toBe(before.get(track)?.end);
          expect(now.size).toBe(2);
          before = now;
        }
      }),
      { numRuns: 25 },
    );
  });

  it('keeps every byte of media, and moves sidx and mfhd with it', () => {
    const [loop, index] = [2 ** 30, 3];
    const moved = at(loop, index);
    const original = clip.segments[index] ?? Buffer.alloc(0);
    const [mdat, mdatBefore] = [findBox(moved, 'mdat'), findBox(original, 'mdat')];
    if (!mdat || !mdatBefore) throw new Error('no mdat');
    expect(
      moved.subarray(mdat.start, mdat.end).equals(original.subarray(mdatBefore.start, mdatBefore.end)),
    ).toBe(true);
    const mfhd = findBox(moved, 'moof/mfhd');
    expect(mfhd && moved.readUInt32BE(mfhd.body + 4)).toBe((loop * 8 + index) % 2 ** 32);
    const sidx = findBox(moved, 'sidx');
    expect(sidx && moved.readBigUInt64BE(sidx.body + 12)).toBe(BigInt(loop * 16 + index * 2) * 12800n);
  });

  it('widens 32-bit tfdt and sidx, and adjusts every offset that spans them', () => {
    const original = clip.segments[5] ?? Buffer.alloc(0);
    const narrow = narrowed(original);
    expect(narrow.length).toBe(original.length - 2 * 4 - 2 * 8);
    const retiming = { seconds: 16, sequenceNumber: 13, timescales: clip.timescales };
    expect(retime(narrow, retiming).equals(retime(original, retiming))).toBe(true);
  });

  it('reports what is wrong with a broken clip', () => {
    const segment = clip.segments[0] ?? Buffer.alloc(0);
    const retiming = { seconds: 0, sequenceNumber: 0, timescales: clip.timescales };
    expect(() => retime(segment.subarray(0, 100), retiming)).toThrow('box sidx at 76 has 52 bytes');
    expect(() => retime(segment.subarray(0, 29), retiming)).toThrow('the header of the box at 24 is cut');
    expect(() => retime(segment, { ...retiming, timescales: new Map() })).toThrow('track 1');
  });
});

/** The same segment as an older packager would write it: tfdt and sidx of version 0. */
function narrowed(segment: Buffer): Buffer {
  const out: Buffer[] = [];
  for (const box of boxes(segment)) {
    const copy = Buffer.from(segment.subarray(box.start, box.end));
    if (box.type === 'sidx') {
      const body = box.body - box.start;
      const head = Buffer.concat([
        copy.subarray(0, body + 12),
        copy.subarray(body + 16, body + 20),
        copy.subarray(body + 24, body + 28),
      ]);
      head.writeUInt8(0, body);
      head.writeUInt32BE(copy.length - 8);
      out.push(head, copy.subarray(body + 28));
    } else if (box.type === 'moof') out.push(narrowedMoof(copy));
    else out.push(copy);
  }
  return Buffer.concat(out);
}

function narrowedMoof(moof: Buffer): Buffer {
  const [outer] = boxes(moof);
  if (outer === undefined) throw new Error('no moof');
  const parts: Buffer[] = [moof.subarray(0, 8)];
  for (const box of boxes(moof, outer.body)) {
    const copy = Buffer.from(moof.subarray(box.start, box.end));
    if (box.type !== 'traf') {
      parts.push(copy);
      continue;
    }
    const tfdt = findBox(copy, 'traf/tfdt');
    const trun = findBox(copy, 'traf/trun');
    if (tfdt === undefined || trun === undefined) throw new Error('an odd traf');
    copy.writeInt32BE(copy.readInt32BE(trun.body + 8) - 8, trun.body + 8);
    copy.writeUInt32BE(16, tfdt.start);
    copy.writeUInt8(0, tfdt.body);
    copy.writeUInt32BE(copy.length - 4);
    parts.push(copy.subarray(0, tfdt.body + 4), copy.subarray(tfdt.body + 8));
  }
  const out = Buffer.concat(parts);
  out.writeUInt32BE(out.length);
  return out;
}
