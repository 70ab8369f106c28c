import { TICKS_PER_MS, toTicks } from '@freshet/protocol';
import { expect, test } from 'vitest';
import { ArrivalMeter } from './arrival-meter.ts';

const ANN = 'a'.repeat(16);
const BOB = 'b'.repeat(16);

/** A frame that left at `sentAt` on a clock that is `ahead` of ours, and took `delay`. */
function arrive(
  meter: ArrivalMeter,
  sentAt: number,
  delay: number,
  { bytes = 1131, ends = false, peer = ANN, ahead = 0 } = {},
) {
  const feedback = meter.arrived(peer, { sentAt: toTicks(sentAt + ahead), bytes }, ends, sentAt + delay);
  return feedback && { ...feedback, delay: (feedback.delay | 0) / TICKS_PER_MS };
}

test('F11: feedback is due on the first frame, and after six thousand bytes', () => {
  const meter = new ArrivalMeter();
  const due = Array.from({ length: 13 }, (_, i) => arrive(meter, i * 10, 30));
  expect(due.flatMap((feedback, i) => (feedback === undefined ? [] : [i]))).toEqual([0, 6, 12]);
});

test('F11: feedback is due at the end of a piece, and after 100 ms', () => {
  const meter = new ArrivalMeter();
  const ends = [300, 320, 350, 640];
  const due = Array.from({ length: 70 }, (_, i) =>
    arrive(meter, i * 10, 30, { bytes: 4, ends: ends.includes(i * 10) }),
  );
  expect(due.flatMap((feedback, i) => (feedback === undefined ? [] : [i * 10]))).toEqual([
    0, 100, 200, 300, 350, 450, 550, 640,
  ]);
});

test('F11: feedback goes out at most once in 40 ms', () => {
  const meter = new ArrivalMeter();
  let told = 0;
  for (let at = 0; at < 1000; at++)
    if (arrive(meter, at, 30, { bytes: 16_000, ends: true }) !== undefined) told++;
  expect(told).toBe(25);
});

test('F11: feedback names the frame with the smallest delay since the last feedback', () => {
  const meter = new ArrivalMeter();
  const delays = [40, 25, 60, 30, 50, 45, 70, 65, 80, 90, 66, 95, 99];
  const due = delays.map((delay, i) => arrive(meter, i * 10, delay, { bytes: 1000 }));
  expect(due.filter((feedback) => feedback !== undefined)).toEqual([
    { type: 'feedback', sentAt: toTicks(0), delay: 40 },
    { type: 'feedback', sentAt: toTicks(10), delay: 25 },
    { type: 'feedback', sentAt: toTicks(70), delay: 65 },
  ]);
});

test('F11: the two clocks are unrelated and may wrap around between two frames', () => {
  const wrap = 2 ** 32 / TICKS_PER_MS;
  const meter = new ArrivalMeter();
  const delays = [90, 40, 25, 60, 30, 50, 45];
  const due = delays.map((delay, i) =>
    // The sender's clock wraps around after the third frame.
    arrive(meter, i * 20, delay, { bytes: 1000, ahead: wrap - 50 }),
  );
  const feedback = due.at(-1);
  expect(feedback?.sentAt).toBe(toTicks(wrap - 10));
  // -25 ms on this side, since the sender's clock is 50 ms behind modulo 2^32.
  expect(feedback?.delay).toBeCloseTo(25 + 50, 1);
});

test('finds the smallest delay when the sender’s clock is ahead and the delay wraps around', () => {
  const meter = new ArrivalMeter();
  // From -5 ms to +5 ms and back: 2^32 apart as unsigned numbers.
  const delays = [5, 4, -5, 3, -1, 2, 4];
  const due = delays.map((delay, i) => arrive(meter, 1000 + i * 20, delay, { bytes: 1000 }));
  expect(due.flatMap((feedback) => feedback?.delay ?? [])).toEqual([5, -5]);
});

test('ignores frames from before a pause', () => {
  const meter = new ArrivalMeter();
  arrive(meter, 0, 40, { bytes: 2000 });
  expect(arrive(meter, 10, 10, { bytes: 2000 })).toBeUndefined();
  expect(arrive(meter, 5000, 50, { bytes: 2000 })).toMatchObject({ delay: 50 });
});

test('measures the frames of each neighbour separately, and forgets those of a closed link', () => {
  const meter = new ArrivalMeter();
  expect(arrive(meter, 0, 10)).toMatchObject({ delay: 10 });
  expect(arrive(meter, 1, 30, { peer: BOB })).toMatchObject({ delay: 30 });
  expect(arrive(meter, 10, 5)).toBeUndefined();
  meter.closed(ANN);
  expect(arrive(meter, 20, 40)).toMatchObject({ delay: 40 });
  expect(arrive(meter, 60, 70, { bytes: 6000, peer: BOB })).toMatchObject({ delay: 70 });
});
