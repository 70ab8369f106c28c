import { TICKS_PER_MS, toTicks } from '@freshet/protocol';
import { expect, test } from 'vitest';
import { FeedbackReader } from './feedback-reader.ts';
import type { Sent } from './send-log.ts';

const ANN = 'a'.repeat(16);
const BOB = 'b'.repeat(16);
const SENT: Sent = { sentBytes: 9000, run: 2, heldMs: 0 };

function reader(...leftAt: readonly number[]) {
  const left = new Set(leftAt.map(toTicks));
  const subject = new FeedbackReader({ sentAt: (ticks) => (left.has(ticks) ? SENT : undefined) });
  const read = (sentAt: number, delay: number, now: number, peer = ANN) =>
    subject.read(peer, { type: 'feedback', sentAt: toTicks(sentAt), delay: delay >>> 0 }, now);
  return { subject, read };
}

test('F11: converts ticks to times on this viewer’s clock, with what had been sent by then', () => {
  const { read } = reader(1000.3);
  expect(read(1000.3, 77, 1080)).toEqual({
    type: 'feedback',
    peer: ANN,
    feedback: { sentAt: expect.closeTo(1000.3, 1) as number, delay: 0, ...SENT },
  });
});

test('F11: counts only changes of the delay since the first one, across its wrap', () => {
  const { read } = reader(1000);
  const delays = [-20, 30, -70, 2 ** 32 - 20].map((delay) => read(1000, delay, 1050));
  expect(delays).toMatchObject([0, 5, -5, 0].map((delay) => ({ feedback: { delay } })));
});

test('each link has its own zero point, and a new link gets a new one', () => {
  const { subject, read } = reader(1000);
  read(1000, 100, 1050);
  expect(read(1000, 5000, 1050, BOB)).toMatchObject({ feedback: { delay: 0 } });
  expect(read(1000, 200, 1050)).toMatchObject({ feedback: { delay: 10 } });
  subject.closed(ANN);
  expect(read(1000, 300, 1050)).toMatchObject({ feedback: { delay: 0 } });
  expect(read(1000, 5010, 1050, BOB)).toMatchObject({ feedback: { delay: 1 } });
});

test('F11: time stamps wrap around at 2^32', () => {
  const wrap = 2 ** 32 / TICKS_PER_MS;
  const { read } = reader(wrap - 30);
  const event = read(wrap - 30, 0, wrap + 25);
  expect(event).toMatchObject({ feedback: { sentAt: expect.closeTo(wrap - 30, 0) as number } });
});

test('F11: ignores feedback on a frame that was never sent, which does not set the zero point', () => {
  const { read } = reader(1000);
  expect(read(1001, 100, 1050)).toBeUndefined();
  expect(read(1000, 500, 1050)).toMatchObject({ feedback: { delay: 0 } });
});

test('ignores feedback on a frame that left long ago', () => {
  const { read } = reader(1000);
  expect(read(1000, 0, 10_990)).toBeDefined();
  expect(read(1000, 0, 11_100)).toBeUndefined();
});

test('B11: more than 500 feedback frames in a second that match no frame are a flood', () => {
  const { read } = reader(1000);
  const event = { type: 'misbehaved', peer: ANN, what: 'a flood of feedback' };
  for (let i = 0; i < 500; i++) expect(read(1, 0, 2000 + i)).toBeUndefined();
  expect(read(1, 0, 2600, BOB)).toBeUndefined();
  expect(read(1, 0, 2600)).toEqual(event);
  // Spread over a longer time they are not.
  for (let i = 0; i < 2000; i++) expect(read(1, 0, 4000 + 3 * i)).toBeUndefined();
});
