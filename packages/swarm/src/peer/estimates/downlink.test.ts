import { beforeEach, describe, expect, it } from 'vitest';
import { Downlink } from './downlink.ts';
import { OriginEstimate } from './origin-estimate.ts';
import { SegmentState } from '../segments/segment-state.ts';

const PIECE = 16 * 1024;
const BYTES = 200_000;

let origin: OriginEstimate;
let downlink: Downlink;
let segment: SegmentState;

beforeEach(() => {
  origin = new OriginEstimate();
  downlink = new Downlink(origin);
  segment = new SegmentState({ epoch: 1, rendition: '0123abcd', msn: 7 }, 2000, 0);
  segment.announce({ segment: segment.id, bytes: BYTES, durationMs: 2000, injectors: [] }, 0);
});

/** Pieces that follow one another, `everyMs` apart. @returns when the last one came. */
function train(pieces: number, everyMs: number, from = 0): number {
  for (let i = 0; i < pieces; i++) downlink.arrived(PIECE, from + i * everyMs);
  return from + (pieces - 1) * everyMs;
}

describe('a line that carries 160 bytes a millisecond', () => {
  // 1.28 Mbit/s: the segment alone takes 1250 ms, twice it takes 2500.
  beforeEach(() => {
    origin.sample(BYTES, 25, 25 + BYTES / 160);
    train(8, PIECE / 160);
  });

  it('is tight when what is missing came too late if it came twice', () => {
    expect(downlink.isTight(segment, 2400)).toBe(true);
  });
  it('is not while there is time for both', () => {
    expect(downlink.isTight(segment, 2600)).toBe(false);
  });
  it('is not any more once half of the segment is here', () => {
    for (let piece = 0; piece < segment.count / 2; piece++) segment.held.add(piece);
    expect(downlink.isTight(segment, 2400)).toBe(false);
  });
  it('is not where the origin fails: neighbours are all that there is', () => {
    segment.originFailures = 1;
    expect(downlink.isTight(segment, 2400)).toBe(false);
  });
});

describe('what is known of the line', () => {
  it('nothing at first: then nothing is tight', () => {
    expect(downlink.isTight(segment, 100)).toBe(false);
  });
  it('the best of what was seen, not the trickle of slow neighbours', () => {
    const end = train(8, 1);
    train(30, 100, end + 1000);
    expect(downlink.isTight(segment, 2400)).toBe(false);
  });
  it('but a line that became thin is found out in the end', () => {
    origin.sample(BYTES, 25, 25 + BYTES / 160);
    const end = train(8, 4);
    train(2000, PIECE / 160, end + 1000);
    expect(downlink.isTight(segment, 2400)).toBe(true);
  });
  it('pauses count for nothing', () => {
    origin.sample(BYTES, 25, 25 + BYTES / 160);
    train(50, 1000);
    expect(downlink.isTight(segment, 100)).toBe(false);
  });
});
