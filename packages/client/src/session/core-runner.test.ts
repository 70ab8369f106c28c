import type { PeerCommand, PeerEvent } from '@freshet/swarm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CoreRunner } from './core-runner.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const forget = (segment: string): PeerCommand => ({ type: 'forget', segment });
const lost = (peer: string): PeerEvent => ({ type: 'link-closed', peer });

class Core {
  wakeAt: number | undefined;
  readonly seen: string[] = [];
  answer: (event: PeerEvent) => readonly PeerCommand[] = () => [];
  handle(event: PeerEvent, now: number): readonly PeerCommand[] {
    this.seen.push(`${event.type}@${now}`);
    return this.answer(event);
  }
}

function running() {
  const core = new Core();
  const executed: string[] = [];
  const faults = vi.fn();
  const subject: { onExecute: (command: PeerCommand) => void } = { onExecute: () => undefined };
  const recorded: unknown[] = [];
  const runner = new CoreRunner(
    core,
    (command) => {
      executed.push(command.type === 'forget' ? command.segment : command.type);
      subject.onExecute(command);
    },
    faults,
    () => Date.now(),
    { step: (...step) => recorded.push(step) },
  );
  vi.setSystemTime(0);
  return { core, runner, executed, faults, recorded, subject };
}

test('an event that occurs while commands are executed waits for them', () => {
  const { core, runner, executed, subject } = running();
  core.answer = (event) => (event.type === 'tick' ? [forget('c')] : [forget('a'), forget('b')]);
  subject.onExecute = (command) => {
    if (command.type === 'forget' && command.segment === 'a') runner.dispatch({ type: 'tick' });
  };
  runner.dispatch(lost('x'));
  expect(executed).toEqual(['a', 'b', 'c']);
});

test('wakes the core when it asked to be woken, and not again until it asks again', () => {
  const { core, runner } = running();
  core.wakeAt = 250;
  runner.dispatch(lost('x'));
  core.answer = () => {
    core.wakeAt = undefined;
    return [];
  };
  vi.advanceTimersByTime(1000);
  expect(core.seen).toEqual(['link-closed@0', 'tick@250']);
  expect(vi.getTimerCount()).toBe(0);
});

test('keeps a timer that fires in time, and only checks again when one fires too early', () => {
  const { core, runner } = running();
  const setting = vi.spyOn(globalThis, 'setTimeout');
  core.wakeAt = 100;
  runner.dispatch(lost('x'));
  for (let i = 0; i < 10; i++) {
    core.wakeAt += 10;
    runner.dispatch(lost('x'));
  }
  expect(setting).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(199);
  expect(core.seen.filter((event) => event.startsWith('tick'))).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(core.seen.at(-1)).toBe('tick@200');
  core.wakeAt = 300;
  runner.dispatch(lost('x'));
  core.wakeAt = 250;
  runner.dispatch(lost('x'));
  vi.advanceTimersByTime(50);
  expect(core.seen.at(-1)).toBe('tick@250');
  runner.close();
});

test('a core that asks to be woken in the past does not keep the page busy', () => {
  const { core, runner } = running();
  core.wakeAt = -1;
  runner.dispatch(lost('x'));
  vi.advanceTimersByTime(100);
  expect(core.seen.length).toBeLessThanOrEqual(26);
  runner.close();
});

test('a failing command or a throwing core stops neither other commands nor the runner', () => {
  const { core, runner, executed, faults, subject } = running();
  core.answer = () => [forget('a'), forget('b')];
  subject.onExecute = () => {
    throw new Error('no');
  };
  runner.dispatch(lost('x'));
  core.answer = () => {
    throw new Error('broken invariant');
  };
  runner.dispatch(lost('x'));
  expect(executed).toEqual(['a', 'b']);
  expect(faults).toHaveBeenCalledTimes(3);
});

test('takes no event and leaves no timer once closed', () => {
  const { core, runner } = running();
  core.wakeAt = 250;
  runner.dispatch(lost('x'));
  runner.close();
  runner.dispatch(lost('y'));
  expect(core.seen).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('records each step in order, even one at which the core throws', () => {
  const { core, runner, recorded, subject } = running();
  core.answer = (event) => {
    if (event.type === 'tick') throw new Error('broken');
    return [forget('a')];
  };
  subject.onExecute = () => {
    runner.dispatch({ type: 'tick' });
  };
  runner.dispatch(lost('x'));
  expect(recorded).toEqual([
    [lost('x'), 0, [forget('a')]],
    [{ type: 'tick' }, 0, []],
  ]);
});
