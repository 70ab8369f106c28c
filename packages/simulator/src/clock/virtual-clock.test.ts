import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from './virtual-clock.ts';

describe('VirtualClock', () => {
  it('runs appointments in the order of their times, and equal times in the order in which they were made', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
        const clock = new VirtualClock();
        const ran: { at: number; i: number }[] = [];
        for (const [i, time] of times.entries()) {
          clock.at(time, () => {
            expect(clock.now).toBe(time);
            ran.push({ at: time, i });
          });
        }
        clock.runUntil(20);
        const expected = times.map((at, i) => ({ at, i })).sort((a, b) => a.at - b.at || a.i - b.i);
        expect(ran).toEqual(expected);
      }),
    );
  });

  it('stops at the end, and continues from there', () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    for (const time of [5, 10, 15]) clock.at(time, () => ran.push(time));
    clock.runUntil(10);
    expect([clock.now, ran]).toEqual([10, [5, 10]]);
    clock.after(1, () => ran.push(11));
    clock.runUntil(100);
    expect([clock.now, ran]).toEqual([100, [5, 10, 11, 15]]);
  });

  it('keeps the order of times within a millisecond, also for appointments made in it', () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    for (const time of [1.75, 1.25, 2.5]) clock.at(time, () => ran.push(time));
    clock.at(1.5, () => {
      for (const time of [1.9, 1.6, 1.75]) clock.at(time, () => ran.push(time + 10));
    });
    clock.runUntil(1.8);
    clock.runUntil(3);
    expect(ran).toEqual([1.25, 11.6, 1.75, 11.75, 11.9, 2.5]);
  });

  it('keeps the order in which appointments of the same time were made, for near and far times', () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    for (const time of [5000, 5000.01]) clock.at(time, () => ran.push(`early ${time}`));
    clock.at(4000, () => {
      for (const time of [5000, 5000.01]) clock.at(time, () => ran.push(`late ${time}`));
    });
    clock.runUntil(4500);
    clock.runUntil(6000);
    expect(ran).toEqual(['early 5000', 'late 5000', 'early 5000.01', 'late 5000.01']);
  });

  it('lets appointments make others, also for now, and cancel others', () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    const never = clock.at(7, () => ran.push('never'));
    clock.at(3, () => {
      never.cancel();
      clock.after(0, () => ran.push('at once'));
      clock.at(1, () => ran.push('late'));
    });
    clock.runUntil(10);
    expect(ran).toEqual(['at once', 'late']);
  });
});
