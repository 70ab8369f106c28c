import { afterEach, expect, test, vi } from 'vitest';
import { Emitter } from './emitter.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('a listener that throws reaches neither the others nor the caller', () => {
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

test('what `on` returns takes the listener off, also while an event is told', () => {
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
