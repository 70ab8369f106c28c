import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { LimitedLog } from './limited-log.ts';

it('logs ten lines of a message in a minute, and then the number of further ones', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const lines: string[] = [];
  const log = new LimitedLog(pino({}, { write: (line: string) => lines.push(line) }));
  for (let i = 0; i < 1000; i++) log.write('error', { i }, 'request failed');
  log.write('warn', {}, 'another message');
  expect(lines.length).toBe(11);
  vi.advanceTimersByTime(60_000);
  expect(lines.length).toBe(12);
  expect(JSON.parse(lines[11] ?? '')).toMatchObject({ more: 990, msg: 'request failed: 990 more like this' });
  log.write('error', {}, 'request failed');
  expect(lines.length).toBe(13);
});
