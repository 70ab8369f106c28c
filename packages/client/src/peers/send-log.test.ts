import { expect, test } from 'vitest';
import { SendLog } from './send-log.ts';

test('returns what had left with the frame of a time stamp', () => {
  const log = new SendLog();
  log.sent(10, 500);
  log.sent(0xffffffff, 700);
  log.sent(3, 1);
  expect([10, 0xffffffff, 3].map((ticks) => log.at(ticks)?.sentBytes)).toEqual([500, 1200, 1201]);
  expect(log.at(4)).toBeUndefined();
});

test('frames of one tick count together', () => {
  const log = new SendLog();
  log.sent(10, 500);
  log.sent(10, 700);
  log.sent(11, 1);
  expect(log.at(10)?.sentBytes).toBe(1200);
  expect(log.at(11)?.sentBytes).toBe(1201);
});

test('a pause begins another run, and earlier frames stay in theirs', () => {
  const log = new SendLog();
  log.sent(1, 10);
  log.pause();
  log.sent(2, 10);
  expect(log.at(2)?.run).toBe((log.at(1)?.run ?? 0) + 1);
});

test('forgets the oldest frames', () => {
  const log = new SendLog();
  for (let i = 0; i < 5000; i++) log.sent(i, 1);
  expect(log.at(4999)?.sentBytes).toBe(5000);
  let kept = 0;
  for (let i = 0; i < 5000; i++) if (log.at(i) !== undefined) kept++;
  expect(kept).toBe(2048);
  expect(log.at(5000 - 2049)).toBeUndefined();
});
