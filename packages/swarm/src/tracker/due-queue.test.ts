import { beforeEach, describe, expect, it } from 'vitest';
import { DueQueue } from './due-queue.ts';

let queue: DueQueue<string>;
beforeEach(() => {
  queue = new DueQueue(5000);
});

describe('DueQueue', () => {
  it('returns due items once, in the order in which they came', () => {
    queue.put('a', 0);
    queue.put('b', 1000);
    queue.put('c', 3000);
    expect(queue.take(4999)).toEqual([]);
    expect(queue.take(6000)).toEqual(['a', 'b']);
    expect(queue.take(6000)).toEqual([]);
    expect(queue.has('a')).toBe(false);
    expect(queue.has('c')).toBe(true);
  });

  it('tells when the first item comes due', () => {
    expect(queue.nextAt).toBeUndefined();
    queue.put('a', 0);
    queue.put('b', 1000);
    expect(queue.nextAt).toBe(5000);
    queue.delete('a');
    expect(queue.nextAt).toBe(6000);
    queue.take(6000);
    expect(queue.nextAt).toBeUndefined();
  });

  it('restarts the time of an item that is put in again', () => {
    queue.put('a', 0);
    queue.put('b', 1000);
    queue.put('a', 2000);
    expect(queue.take(6999)).toEqual(['b']);
    expect(queue.take(7000)).toEqual(['a']);
  });
});
