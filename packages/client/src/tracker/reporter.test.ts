import type { Report } from '@freshet/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Reporter } from './reporter.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function reporter() {
  const report: Report = {
    neighbours: [],
    renditions: [],
    uploads: true,
    seeking: true,
    peerBytes: 0,
    originBytes: 0,
    uploadedBytes: 0,
    stalls: 0,
  };
  const sent: number[] = [];
  const subject = new Reporter(
    () => ({ ...report }),
    (told) => sent.push(told.peerBytes),
  );
  const change = (peerBytes: number) => {
    report.peerBytes = peerBytes;
    subject.changed();
  };
  return { subject, sent, change };
}

test('reports the first change at once, then the last one of each second', () => {
  const { sent, change } = reporter();
  for (const bytes of [1, 2, 3]) change(bytes);
  expect(sent).toEqual([1]);
  vi.advanceTimersByTime(1000);
  expect(sent).toEqual([1, 3]);
  vi.advanceTimersByTime(5000);
  expect(sent).toEqual([1, 3]);
});

test('repeats an unchanged report only after a new join', () => {
  const { subject, sent, change } = reporter();
  change(1);
  vi.advanceTimersByTime(5000);
  change(1);
  expect(sent).toEqual([1]);
  subject.reset();
  change(1);
  expect(sent).toEqual([1, 1]);
});

test('leaves no timer once closed', () => {
  const { subject, change } = reporter();
  change(1);
  change(2);
  subject.close();
  expect(vi.getTimerCount()).toBe(0);
});
