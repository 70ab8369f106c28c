import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Throttle } from './throttle.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('runs the action once per interval, after the last call', () => {
  const action = vi.fn();
  const throttle = new Throttle(1000, action);
  for (let i = 0; i < 10; i++) throttle.call();
  vi.advanceTimersByTime(999);
  expect(action).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(action).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(5000);
  expect(action).toHaveBeenCalledOnce();
  throttle.call();
  vi.advanceTimersByTime(1000);
  expect(action).toHaveBeenCalledTimes(2);
});

test('leaves no timer and ignores calls once closed', () => {
  const action = vi.fn();
  const throttle = new Throttle(1000, action);
  throttle.call();
  throttle.close();
  throttle.call();
  expect(vi.getTimerCount()).toBe(0);
});
