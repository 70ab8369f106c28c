import { beforeEach, describe, expect, it } from 'vitest';
import { Downlink } from './downlink.ts';
import { OriginEstimate } from './origin-estimate.ts';
import { AnnouncedSegment, UnannouncedSegment } from '../segments/segment-state.ts';

const PIECE = 16 * 1024;
const BYTES = 200_000;

let origin: OriginEstimate;
let downlink: Downlink;
let segment: AnnouncedSegment;

beforeEach(() => {
  origin = new OriginEstimate();
  downlink = new Downlink(origin);
  const known = new UnannouncedSegment({ epoch: 1, rendition: '0123abcd', msn: 7 }, 2000, 0);
  const notice = { segment: known.id, bytes: BYTES, durationMs: 2000, injectors: [] };
  segment = new AnnouncedSegment(known, notice, 0);
});

/** A train of pieces that arrive `everyMs` apart. @returns when the last one arrived. */
function train(pieces: number, everyMs: number, from = 0): number {
  for (let i = 0; i < pieces; i++) downlink.arrived(PIECE, from + i * everyMs);
  return from + (pieces - 1) * everyMs;
}

describe('a line that carries 160 bytes a millisecond', () => {
  // 1.28 Mbit/s: the segment takes 1250 ms once, and 2500 ms twice.
  beforeEach(() => {
    origin.sample(BYTES, 25, 25 + BYTES / 160);
    train(8, PIECE / 160);
  });

  it('is tight when the missing pieces would be late if they arrived twice', () => {
    expect(downlink.isTight(segment, 2400)).toBe(true);
  });
  it('is not tight while there is time for both copies', () => {
    expect(downlink.isTight(segment, 2600)).toBe(false);
  });
  it('is not tight any more when half of the segment is held', () => {
    for (let piece = 0; piece < segment.count / 2; piece++) segment.held.add(piece);
    expect(downlink.isTight(segment, 2400)).toBe(false);
  });
  it('is not tight when the origin fails and only neighbours are left', () => {
    segment.origin.failures = 1;
    expect(downlink.isTight(segment, 2400)).toBe(false);
  });
});

describe('the estimate of the line', () => {
  it('is unknown at first, and an unknown line is not tight', () => {
    expect(downlink.isTight(segment, 100)).toBe(false);
  });
  it('follows the best samples, not the trickle of slow neighbours', () => {
    const end = train(8, 1);
    train(30, 100, end + 1000);
    expect(downlink.isTight(segment, 2400)).toBe(false);
  });
  it('notices a line that became thin in the end', () => {
    origin.sample(BYTES, 25, 25 + BYTES / 160);
    const end = train(8, 4);
    train(2000, PIECE / 160, end + 1000);
    expect(downlink.isTight(segment, 2400)).toBe(true);
  });
  it('ignores pauses', () => {
    origin.sample(BYTES, 25, 25 + BYTES / 160);
    train(50, 1000);
    expect(downlink.isTight(segment, 100)).toBe(false);
  });
});
