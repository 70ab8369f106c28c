import { VirtualClock } from '@freshet/simulator';
import { beforeEach, describe, expect, it } from 'vitest';
import { PacedUplink, type Stamp } from './paced-uplink.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});

/** A line of 100 bytes a millisecond, and the frames that left it. */
function uplink(pace: number) {
  const subject = new PacedUplink(clock, 100);
  subject.pace = pace;
  const left: (Stamp & { readonly at: number })[] = [];
  const put = (bytes: number, isWanted = () => true) => {
    subject.put(bytes, isWanted, (stamp) => left.push({ ...stamp, at: clock.now }));
  };
  return { subject, put, left };
}

describe('a paced uplink', () => {
  it('sends frames at the pace, with hardly a queue at the line', () => {
    const { put, left } = uplink(50);
    for (let i = 0; i < 4; i++) put(1000);
    clock.runUntil(1000);
    expect(left.map(({ sentAt }) => sentAt)).toEqual([20, 40, 60, 80]);
    expect(left.map(({ at, sentAt }) => at - sentAt)).toEqual([10, 10, 10, 10]);
  });

  it('queues frames at the line when the pace exceeds its rate', () => {
    const { put, left } = uplink(200);
    for (let i = 0; i < 4; i++) put(1000);
    clock.runUntil(1000);
    expect(left.map(({ at, sentAt }) => at - sentAt)).toEqual([10, 15, 20, 25]);
  });

  it('counts bytes that have left, without unwanted frames', () => {
    const { put, left } = uplink(50);
    put(1000);
    put(500, () => false);
    put(700);
    clock.runUntil(1000);
    expect(left.map(({ sentBytes }) => sentBytes)).toEqual([1000, 1700]);
    expect(left.map(({ sentAt }) => sentAt)).toEqual([20, 34]);
  });

  it('begins another run after a long pause, and not after a short one', () => {
    const { put, left } = uplink(50);
    put(1000);
    clock.runUntil(45);
    put(1000);
    clock.runUntil(500);
    put(1000);
    clock.runUntil(1000);
    const runs = left.map(({ run }) => run);
    expect(runs[1]).toBe(runs[0]);
    expect(runs[2]).toBe((runs[1] ?? 0) + 1);
  });

  it('applies a new pace from the next frame on', () => {
    const { subject, put, left } = uplink(10);
    put(1000);
    put(1000);
    subject.pace = 100;
    clock.runUntil(1000);
    expect(left.map(({ sentAt }) => sentAt)).toEqual([100, 110]);
  });
});
