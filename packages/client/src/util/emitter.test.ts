import { afterEach, expect, test, vi } from 'vitest';
import { Emitter } from './emitter.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('an error in a listener reaches neither the other listeners nor the caller', () => {
  const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const emitter = new Emitter<{ news: number }>();
  const heard: number[] = [];
  emitter.on('news', () => {
    throw new Error('a page’s fault');
  });
  emitter.on('news', (n) => heard.push(n));
  emitter.emit('news', 1);
  expect(heard).toEqual([1]);
  expect(errors).toHaveBeenCalledOnce();
});

test('the function that `on` returns removes the listener, even during an event', () => {
  const emitter = new Emitter<{ news: number }>();
  const heard: number[] = [];
  const off = emitter.on('news', (n) => {
    heard.push(n);
    off();
  });
  emitter.emit('news', 1);
  emitter.emit('news', 2);
  expect(heard).toEqual([1]);
});
