import { LIMITS } from '@freshet/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LinkOutlet } from './link-outlet.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

class Channel {
  bufferedAmount = 0;
  readonly sent: number[] = [];
  send(bytes: Uint8Array): void {
    this.bufferedAmount += bytes.length;
    this.sent.push(bytes.length);
  }
}

const frames = (count: number) => Array.from({ length: count }, () => new Uint8Array(LIMITS.frameBytes));

function outlet() {
  const channel = new Channel();
  const sent: string[] = [];
  const stuck = vi.fn();
  const subject = new LinkOutlet<string>(channel, (tag) => sent.push(tag), stuck);
  const drain = (to = 0) => {
    channel.bufferedAmount = to;
    subject.drained();
  };
  return { channel, sent, stuck, subject, drain };
}

test('bulk waits outside the channel, control goes past it', () => {
  const { channel, subject } = outlet();
  subject.sendBulk('a', frames(8));
  expect(channel.bufferedAmount).toBe(LIMITS.bulkBufferedBytes);
  subject.sendControl(new Uint8Array(20));
  expect(channel.sent).toEqual([...new Array<number>(4).fill(LIMITS.frameBytes), 20]);
});

test('a piece is told as sent when its last frame is in the channel and the channel is low', () => {
  const { channel, sent, subject, drain } = outlet();
  subject.sendBulk('a', frames(4));
  subject.sendBulk('b', frames(1));
  expect(sent).toEqual([]);
  drain(LIMITS.frameBytes);
  expect(channel.sent).toHaveLength(5);
  expect(sent).toEqual(['a', 'b']);
});

test('the frames of a piece are made only as they are sent', () => {
  const { subject } = outlet();
  const made = vi.fn();
  function* lazily() {
    for (const frame of frames(100)) {
      made();
      yield frame;
    }
  }
  subject.sendBulk('a', lazily());
  expect(made).toHaveBeenCalledTimes(5);
});

test('a neighbour that takes nothing for ten seconds is stuck; a slow one is not', () => {
  const { channel, stuck, subject } = outlet();
  subject.sendBulk('a', frames(8));
  channel.bufferedAmount -= 100;
  vi.advanceTimersByTime(10_000);
  expect(stuck).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10_000);
  expect(stuck).toHaveBeenCalledOnce();
});

test('control that piles up because nobody reads ends the link', () => {
  const { channel, stuck, subject } = outlet();
  channel.bufferedAmount = 600_000;
  subject.sendControl(new Uint8Array(20));
  expect(stuck).toHaveBeenCalledOnce();
  expect(channel.sent).toEqual([]);
});

test('closed, it leaves no timer and sends nothing', () => {
  const { channel, sent, subject, drain } = outlet();
  subject.sendBulk('a', frames(8));
  subject.close();
  drain();
  subject.sendBulk('b', frames(1));
  subject.sendControl(new Uint8Array(1));
  expect(channel.sent).toHaveLength(4);
  expect(sent).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
