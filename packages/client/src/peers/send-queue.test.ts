import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SendQueue } from './send-queue.ts';

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

function sendQueue() {
  const channel = new Channel();
  const drained = vi.fn();
  const stuck = vi.fn();
  const subject = new SendQueue(channel, drained, stuck);
  const drain = () => {
    channel.bufferedAmount = 0;
    subject.drained();
  };
  return { channel, drained, stuck, subject, drain };
}

test('B12: takes a bulk frame only while nothing waits in the channel, and reports when it takes the next', () => {
  const { drained, subject, drain } = sendQueue();
  expect(subject.isReady).toBe(true);
  subject.sendBulk(new Uint8Array(1100));
  expect(subject.isReady).toBe(false);
  drain();
  expect(drained).toHaveBeenCalledOnce();
  expect(subject.isReady).toBe(true);
});

test('is ready as soon as the channel is, even before the event', () => {
  const { channel, subject, stuck } = sendQueue();
  subject.sendBulk(new Uint8Array(9000));
  expect(subject.isReady).toBe(false);
  channel.bufferedAmount = 0;
  expect(subject.isReady).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(stuck).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test('sends control frames while the channel takes no bulk frame', () => {
  const { channel, subject } = sendQueue();
  subject.sendBulk(new Uint8Array(16_000));
  expect(subject.isReady).toBe(false);
  subject.sendControl(new Uint8Array(20));
  expect(channel.sent).toEqual([16_000, 20]);
});

test('a neighbour that takes nothing for ten seconds is stuck; a slow one is not', () => {
  const { channel, stuck, subject } = sendQueue();
  subject.sendBulk(new Uint8Array(16_000));
  expect(subject.isReady).toBe(false);
  channel.bufferedAmount -= 100;
  vi.advanceTimersByTime(10_000);
  expect(stuck).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10_000);
  expect(stuck).toHaveBeenCalledOnce();
});

test('ends the link when unread control frames pile up', () => {
  const { channel, stuck, subject } = sendQueue();
  channel.bufferedAmount = 600_000;
  subject.sendControl(new Uint8Array(20));
  expect(stuck).toHaveBeenCalledOnce();
  expect(channel.sent).toEqual([]);
});

test('is not ready, leaves no timer and sends nothing once closed', () => {
  const { channel, drained, subject, drain } = sendQueue();
  subject.sendBulk(new Uint8Array(16_000));
  expect(subject.isReady).toBe(false);
  subject.close();
  drain();
  expect(drained).not.toHaveBeenCalled();
  expect(subject.isReady).toBe(false);
  subject.sendBulk(new Uint8Array(1));
  subject.sendControl(new Uint8Array(1));
  expect(channel.sent).toEqual([16_000]);
  expect(vi.getTimerCount()).toBe(0);
});
