import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EgressMeter } from './egress-meter.ts';

it('is the mean of the last two seconds', () => {
  let now = 1_000_100;
  const meter = new EgressMeter();
  meter.add(100_000, now);
  expect(meter.bitsPerSecond(now)).toBe(400_000);
  now += 1000;
  meter.add(150_000, now);
  expect(meter.bitsPerSecond(now)).toBe(1_000_000);
  now += 1000;
  expect(meter.bitsPerSecond(now)).toBe(600_000);
  now += 60_000;
  expect(meter.bitsPerSecond(now)).toBe(0);
});

it('takes bytes back from the time at which they were added', () => {
  const meter = new EgressMeter();
  meter.add(100_000, 0);
  meter.add(50_000, 1000);
  meter.takeBack(100_000, 0, 1500);
  expect(meter.bitsPerSecond(1500)).toBe(200_000);
  meter.takeBack(60_000, 1000, 1600);
  expect(meter.bitsPerSecond(1600)).toBe(0);
  meter.add(50_000, 4000);
  meter.takeBack(50_000, 1000, 4000);
  expect(meter.bitsPerSecond(4000)).toBe(200_000);
});

it('starts over when the clock goes back', () => {
  let now = 50_000;
  const meter = new EgressMeter();
  meter.add(1000, now);
  now = 10;
  expect(meter.bitsPerSecond(now)).toBe(0);
  meter.add(250, now);
  expect(meter.bitsPerSecond(now)).toBe(1000);
});

it('never counts a byte twice, nor for longer than two seconds', () => {
  const step = fc.record({ after: fc.integer({ min: 0, max: 3000 }), bytes: fc.nat(1_000_000) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let now = 0;
      const meter = new EgressMeter();
      const sent: { at: number; bytes: number }[] = [];
      for (const { after, bytes } of steps) {
        now += after;
        meter.add(bytes, now);
        sent.push({ at: now, bytes });
        const within = (ms: number) =>
          sent.reduce((sum, one) => sum + (now - one.at < ms ? one.bytes : 0), 0) * 4;
        expect(meter.bitsPerSecond(now)).toBeLessThanOrEqual(within(2000));
        expect(meter.bitsPerSecond(now)).toBeGreaterThanOrEqual(within(1750));
      }
    }),
  );
});
