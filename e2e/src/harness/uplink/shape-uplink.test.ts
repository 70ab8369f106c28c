import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shapeUplink } from './shape-uplink.ts';

/** Stands in for the browser's channel, which takes everything at once and would report its own empty buffer. */
class FakeChannel extends EventTarget {
  readonly sent: { readonly at: number; readonly bytes: number }[] = [];
  readyState = 'open';
  send(data: ArrayBuffer): void {
    this.sent.push({ at: performance.now(), bytes: data.byteLength });
    this.dispatchEvent(new Event('bufferedamountlow'));
  }
}

interface Channel extends FakeChannel {
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  onbufferedamountlow: (() => void) | null;
}

const FRAME = 16_000;

describe('a page whose uplink carries 128 kbit/s, 16 bytes a millisecond', () => {
  let open: () => Channel;

  beforeEach(() => {
    vi.useFakeTimers();
    // A new class each time, because shapeUplink changes the prototype for good.
    class Shaped extends FakeChannel {
      get bufferedAmount(): number {
        return this.sent.length * 0;
      }
      override send(data: ArrayBuffer): void {
        super.send(data);
      }
    }
    vi.stubGlobal('RTCDataChannel', Shaped);
    shapeUplink(128);
    open = () => new Shaped() as unknown as Channel;
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('sends each message when its last packet would have left', () => {
    const start = performance.now();
    const channel = open();
    for (let i = 0; i < 3; i++) channel.send(new ArrayBuffer(FRAME));
    vi.advanceTimersByTime(4000);
    expect(channel.sent).toHaveLength(3);
    channel.sent.forEach(({ at, bytes }, i) => {
      expect(bytes).toBe(FRAME);
      expect(at - start).toBeGreaterThanOrEqual((i + 1) * 1000 - 100);
      expect(at - start).toBeLessThanOrEqual((i + 1) * 1000 + 100);
    });
  });

  it('shares one line between all channels, in turn', () => {
    const start = performance.now();
    const [one, other] = [open(), open()];
    one.send(new ArrayBuffer(FRAME));
    other.send(new ArrayBuffer(FRAME));
    vi.advanceTimersByTime(1700);
    expect([one.sent.length, other.sent.length], 'each has had only half of the line').toEqual([0, 0]);
    vi.advanceTimersByTime(500);
    for (const { sent } of [one, other]) expect((sent[0]?.at ?? 0) - start).toBeGreaterThan(1700);
  });

  it('accumulates no credit while it is idle', () => {
    const channel = open();
    channel.send(new ArrayBuffer(100));
    vi.advanceTimersByTime(60_000);
    const start = performance.now();
    channel.send(new ArrayBuffer(FRAME));
    vi.advanceTimersByTime(2000);
    expect((channel.sent[1]?.at ?? 0) - start).toBeGreaterThan(900);
  });

  it('fires once, for handler and listener, when the waiting bytes fall to the threshold', () => {
    const channel = open();
    const [handler, listener, removed] = [vi.fn(), vi.fn(), vi.fn()];
    channel.bufferedAmountLowThreshold = 8000;
    channel.onbufferedamountlow = handler;
    channel.addEventListener('bufferedamountlow', listener);
    channel.addEventListener('bufferedamountlow', removed);
    channel.removeEventListener('bufferedamountlow', removed);
    channel.send(new ArrayBuffer(FRAME));
    channel.send(new ArrayBuffer(FRAME));
    expect(channel.bufferedAmount).toBe(2 * FRAME);
    vi.advanceTimersByTime(1300);
    expect(channel.sent, 'the browser sent one').toHaveLength(1);
    expect(handler).not.toHaveBeenCalled();
    vi.advanceTimersByTime(400);
    expect([handler, listener, removed].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 0]);
    expect(channel.bufferedAmountLowThreshold).toBe(8000);
  });

  it('sends the message as it was at the call of send, including a view of a buffer', () => {
    const channel = open();
    const data = new Uint8Array(200).subarray(50, 150);
    channel.send(data as unknown as ArrayBuffer);
    vi.advanceTimersByTime(100);
    expect(channel.sent.map(({ bytes }) => bytes)).toEqual([100]);
  });

  it('drops waiting messages of a link that ends', () => {
    const [ending, other] = [open(), open()];
    ending.send(new ArrayBuffer(FRAME));
    ending.readyState = 'closed';
    other.send(new ArrayBuffer(1600));
    vi.advanceTimersByTime(250);
    expect(ending.sent).toEqual([]);
    expect(other.sent).toHaveLength(1);
  });
});
