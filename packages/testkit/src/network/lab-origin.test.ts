import { pieceCount } from '@freshet/protocol';
import { seededRandom } from '@freshet/swarm';
import { beforeEach, describe, expect, it } from 'vitest';
import { type SourceSegment, VirtualClock } from '@freshet/simulator';
import { LabSource, SMALL_SOURCE } from '../source/lab-source.ts';
import { LabOrigin, type TransferEnd } from './lab-origin.ts';

let clock: VirtualClock;
let origin: LabOrigin;
let segment: SourceSegment;

/** 8000 kbit/s: a thousand bytes a millisecond. */
beforeEach(() => {
  clock = new VirtualClock();
  const source = new LabSource(clock, seededRandom(1), { ...SMALL_SOURCE, spread: 0 });
  source.start(() => undefined);
  origin = new LabOrigin(clock, { ttfbMs: 50, kbpsPerClient: 8000 });
  origin.serve(source.window);
  const [first] = source.window;
  if (first === undefined) throw new Error('an empty window');
  segment = first;
});

function fetch(client: string, key = segment.key, span?: { first: number; last: number }) {
  const got = { pieces: [] as number[], ends: [] as (TransferEnd & { at: number })[] };
  const transfer = origin.fetch(client, key, span, {
    piece: (piece) => got.pieces.push(piece),
    ended: (end) => got.ends.push({ ...end, at: clock.now }),
  });
  return { ...got, transfer };
}

describe('an origin', () => {
  it('delivers every piece of a segment in order, at its rate, and ends once', () => {
    const { pieces, ends } = fetch('ann');
    clock.runUntil(10_000);
    expect(pieces).toEqual([...Array(pieceCount(110_000)).keys()]);
    expect(ends).toHaveLength(1);
    expect(ends[0]).toMatchObject({ outcome: 'ok', bytes: 110_000, ttfbMs: 50 });
    expect(ends[0]?.at).toBeCloseTo(160);
    expect(origin.segmentBytes).toBe(110_000);
  });

  it('delivers only the requested span', () => {
    const { pieces, ends } = fetch('ann', segment.key, { first: 2, last: 3 });
    clock.runUntil(1000);
    expect(pieces).toEqual([2, 3]);
    expect(ends[0]?.bytes).toBe(2 * 16_384);
  });

  it('shares a client’s line between its transfers, and not with other clients', () => {
    const [one, other, alone] = [fetch('ann'), fetch('ann'), fetch('bob')];
    clock.runUntil(1000);
    expect(alone.ends[0]?.at).toBeCloseTo(160);
    expect(one.ends[0]?.at).toBeGreaterThan(250);
    expect(other.ends[0]?.at).toBeGreaterThan(250);
  });

  it('counts the bytes that were written of an aborted transfer', () => {
    const { ends, transfer } = fetch('ann');
    clock.runUntil(100);
    transfer.abort();
    clock.runUntil(1000);
    expect(ends).toMatchObject([{ outcome: 'aborted' }]);
    expect(ends[0]?.bytes).toBeCloseTo(50_000, -1);
    expect(origin.segmentBytes).toBeCloseTo(50_000, -1);
  });

  it('fails requests of unknown segments, and all requests while it is down', () => {
    const missing = fetch('ann', '9/0badcafe/9');
    const broken = fetch('ann');
    clock.runUntil(100);
    expect(missing.ends).toMatchObject([{ outcome: 'failed', bytes: 0 }]);
    origin.down();
    expect(broken.ends).toMatchObject([{ outcome: 'failed' }]);
    const refused = fetch('ann');
    const lists: unknown[] = [];
    origin.playlist((window) => lists.push(window));
    clock.runUntil(200);
    expect(refused.ends).toMatchObject([{ outcome: 'failed', bytes: 0 }]);
    expect(lists).toEqual([undefined]);
    origin.up();
    expect([origin.wasUp(0, 90), origin.wasUp(90, 150), origin.wasUp(201, 300)]).toEqual([true, false, true]);
  });

  it('is up again only after the last of overlapping outages', () => {
    origin.down();
    origin.down();
    origin.up();
    expect(origin.isUp).toBe(false);
    origin.up();
    expect(origin.isUp).toBe(true);
  });
});
