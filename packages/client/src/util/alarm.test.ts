import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let isHidden = true;
let made: FakeWorker[];

class FakeWorker {
  readonly told: unknown[] = [];
  onmessage: ((event: { data: number }) => void) | undefined;
  onerror: (() => void) | undefined;
  constructor() {
    made.push(this);
  }
  postMessage(message: unknown): void {
    this.told.push(message);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  // The module holds the worker.
  vi.resetModules();
  made = [];
  isHidden = true;
  vi.stubGlobal('document', {
    get hidden() {
      return isHidden;
    },
  });
  vi.stubGlobal('Worker', FakeWorker);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const load = async () => (await import('./alarm.ts')).setAlarm;

test('a visible page needs no worker', async () => {
  const setAlarm = await load();
  isHidden = false;
  const ring = vi.fn();
  setAlarm(ring, 20);
  setAlarm(ring, 20)();
  vi.advanceTimersByTime(20);
  expect(ring).toHaveBeenCalledOnce();
  expect(made).toEqual([]);
});

test('the alarms of a hidden page ring once each, when its single worker fires', async () => {
  const setAlarm = await load();
  const [first, second, third] = [vi.fn(), vi.fn(), vi.fn()];
  setAlarm(first, 20);
  setAlarm(second, 30)();
  setAlarm(third, 40);
  expect(made).toHaveLength(1);
  expect(made[0]?.told).toEqual([
    [1, 20],
    [2, 30],
    [3, 40],
  ]);
  expect(vi.getTimerCount()).toBe(0);
  for (const data of [1, 1, 2, 99]) made[0]?.onmessage?.({ data });
  expect([first, second, third].map((ring) => ring.mock.calls.length)).toEqual([1, 0, 0]);
});

test('when a policy forbids the worker, pending alarms ring at once and later ones use timers', async () => {
  const setAlarm = await load();
  const ring = vi.fn();
  setAlarm(ring, 20);
  made[0]?.onerror?.();
  expect(ring).toHaveBeenCalledOnce();
  setAlarm(ring, 20);
  expect(made).toHaveLength(1);
  vi.advanceTimersByTime(20);
  expect(ring).toHaveBeenCalledTimes(2);
});

test('uses timers when no worker can be created', async () => {
  vi.stubGlobal('Worker', undefined);
  const setAlarm = await load();
  const ring = vi.fn();
  setAlarm(ring, 20);
  vi.advanceTimersByTime(20);
  expect(ring).toHaveBeenCalledOnce();
});
