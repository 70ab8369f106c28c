import { describe, expect, it } from 'vitest';
import type { SourceSegment } from '../playlist/media-list.ts';
import { type QueuedSegment, SegmentQueue } from './segment-queue.ts';

const queued = (msn: number, gap = false): QueuedSegment => ({
  msn,
  epoch: 1,
  timeline: 0,
  source: { msn, gap } as SourceSegment,
});
const open = () => new SegmentQueue<string>({ concurrency: 2, startBudgetMs: 1000 });
const numbers = (segments: readonly { segment: QueuedSegment; media: string | undefined }[]) =>
  segments.map(({ segment, media }) => `${segment.msn}${media === undefined ? ' lost' : ''}`);

/** A queue that is past its first window. */
function running(...segments: QueuedSegment[]) {
  const queue = open();
  const first = queued(0);
  queue.add([first], 0);
  queue.next(0);
  queue.done(first, 'media');
  queue.take(0);
  queue.add(segments, 0);
  return queue;
}

describe('SegmentQueue', () => {
  it('fetches in order with limited concurrency, and releases complete segments in order', () => {
    const [a, b, c] = [queued(1), queued(2), queued(3)];
    const queue = running(a, b, c);
    expect([queue.next(0), queue.next(0), queue.next(0)]).toEqual([a, b, undefined]);
    queue.done(b, 'media');
    expect(numbers(queue.take(0))).toEqual([]);
    expect(queue.next(0)).toBe(c);
    queue.done(a, 'media');
    expect(numbers(queue.take(0))).toEqual(['1', '2']);
    expect(queue.isEmpty).toBe(false);
  });

  it('retries later, a few times if the segment is missing, and never after a lasting fault', () => {
    const [a, b] = [queued(1), queued(2)];
    const queue = running(a, b);
    queue.next(0);
    queue.next(0);
    queue.failed(a, 'missing', 0);
    queue.failed(b, 'lasting', 0);
    expect(queue.next(0)).toBeUndefined();
    expect(queue.wakeAt(0)).toBe(300);
    let now = 300;
    for (let tries = 1; tries < 4; tries++) {
      expect(queue.next(now)).toBe(a);
      queue.failed(a, 'missing', now);
      now = queue.wakeAt(now) ?? now;
    }
    expect(numbers(queue.take(now))).toEqual(['1 lost', '2 lost']);
  });

  it('gives up failed segments that the source no longer lists, and those that keep others waiting', () => {
    const [a, b, c] = [queued(1), queued(2), queued(3)];
    const queue = running(a, b, c);
    queue.next(0);
    queue.next(0);
    queue.failed(a, 'passing', 0);
    expect(queue.giveUp({ from: 2 }, 5000, 1000)).toEqual([]);
    expect(numbers(queue.take(1000))).toEqual(['1 lost']);
    expect(queue.next(1000)).toBe(c);
    queue.done(c, 'media');
    expect(queue.giveUp({ from: 2 }, 5000, 4000)).toEqual([]);
    expect(queue.giveUp({ from: 2 }, 5000, 6000)).toEqual([b]);
    expect(numbers(queue.take(6000))).toEqual(['2 lost', '3']);
    // Its fetch ends later and has no effect.
    queue.done(b, 'media');
    expect(queue.isEmpty).toBe(true);
  });

  it('loses the gaps of the source without a fetch', () => {
    const queue = running(queued(1, true));
    expect(queue.next(0)).toBeUndefined();
    expect(numbers(queue.take(0))).toEqual(['1 lost']);
  });

  it('keeps only complete segments at a restart', () => {
    const [a, b, c] = [queued(1), queued(2), queued(3)];
    const queue = running(a, b, c);
    queue.next(0);
    queue.next(0);
    queue.done(a, 'media');
    expect(queue.abandon()).toEqual([b]);
    expect(numbers(queue.take(0))).toEqual(['1']);
    expect(queue.isEmpty).toBe(true);
  });

  describe('first window', () => {
    const window = () => [queued(1), queued(2), queued(3), queued(4)];

    it('is fetched newest first and published as a whole', () => {
      const queue = open();
      const segments = window();
      queue.add(segments, 0);
      const order: number[] = [];
      for (let next = queue.next(0); next !== undefined; next = queue.next(0)) {
        order.push(next.msn);
        expect(queue.take(0)).toEqual([]);
        queue.done(next, 'media');
      }
      expect(order).toEqual([4, 3, 2, 1]);
      expect(numbers(queue.take(0))).toEqual(['1', '2', '3', '4']);
    });

    it('starts at its newest unbroken run when the budget is spent', () => {
      const queue = open();
      queue.add(window(), 0);
      const [d, c] = [queue.next(0), queue.next(0)];
      if (d === undefined || c === undefined) throw new Error('nothing to fetch');
      queue.done(d, 'media');
      expect(queue.wakeAt(0)).toBe(1000);
      expect(queue.take(999)).toEqual([]);
      expect(numbers(queue.take(1000))).toEqual(['4']);
      // Segments that arrive now are late and no longer wanted.
      queue.done(c, 'media');
      expect(queue.take(1000)).toEqual([]);
      expect(queue.isEmpty).toBe(true);
    });

    it('exceeds its budget until something has arrived', () => {
      const queue = open();
      queue.add(window(), 0);
      const d = queue.next(0);
      expect(queue.take(5000)).toEqual([]);
      if (d !== undefined) queue.done(d, 'media');
      expect(numbers(queue.take(5000))).toEqual(['4']);
    });
  });
});
