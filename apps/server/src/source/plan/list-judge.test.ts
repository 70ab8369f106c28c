import { describe, expect, it } from 'vitest';
import type { SourceSegment } from '../playlist/media-list.ts';
import { commonSegment, judgeList, type LoadedList } from './list-judge.ts';

interface Options {
  readonly at?: number;
  readonly name?: string;
  readonly durationMs?: number;
  readonly modifiedAt?: number;
  readonly dateTime?: number;
}

/** A list of segments `first` to `last`, 2 s each. */
function loaded(first: number, last: number, options: Options = {}): LoadedList {
  const { at = 0, name = 'live', durationMs = 2000, modifiedAt, dateTime } = options;
  const segments: SourceSegment[] = [];
  for (let msn = first; msn <= last; msn++) {
    segments.push({
      msn,
      url: `https://host/${at}/${name}-${msn}.ts?token=${at}`,
      range: undefined,
      durationMs,
      timeline: 0,
      gap: false,
      dateTime: dateTime === undefined ? undefined : dateTime + msn * 2000,
      lines: [],
      keys: [],
      map: undefined,
    });
  }
  const list = { targetDurationMs: 2000, segments, numbersTimelines: false, ended: false, header: [] };
  return { list, loadedAt: at, modifiedAt };
}

const judge = (before: LoadedList, now: LoadedList, behindSince?: number) =>
  judgeList(before, now, behindSince);

describe('judgeList', () => {
  it('recognises a continued list although tokens and folders in its addresses change', () => {
    expect(judge(loaded(3, 6), loaded(4, 7, { at: 2000 }))).toBe('advanced');
    expect(judge(loaded(3, 6), loaded(3, 6, { at: 2000 }))).toBe('unchanged');
    expect(judge(loaded(3, 6), loaded(7, 10, { at: 8000 }))).toBe('advanced');
  });

  it('learns nothing from an empty list', () => {
    expect(judge(loaded(3, 6), loaded(1, 0))).toBe('unchanged');
    expect(judge(loaded(1, 0), loaded(3, 6))).toBe('advanced');
  });

  it('detects a restart when the numbers fall below the window', () => {
    expect(judge(loaded(30, 39), loaded(0, 0, { at: 9000 }))).toBe('restarted');
  });

  it('detects a restart when a segment differs between both lists', () => {
    expect(judge(loaded(0, 3), loaded(0, 4, { at: 2000, name: 'new' }))).toBe('restarted');
    expect(judge(loaded(0, 3), loaded(0, 4, { at: 2000, durationMs: 1800 }))).toBe('restarted');
    const dated = loaded(0, 3, { dateTime: 0 });
    expect(judge(dated, loaded(0, 4, { at: 2000, dateTime: 60_000 }))).toBe('restarted');
    expect(judge(dated, loaded(0, 4, { at: 2000, dateTime: 40 }))).toBe('advanced');
  });

  it('detects a restart when the numbers jump further than the elapsed time allows', () => {
    expect(judge(loaded(0, 3), loaded(1_700_000_000, 1_700_000_003, { at: 2000 }))).toBe('restarted');
    expect(judge(loaded(0, 3), loaded(18, 21, { at: 30_000 }))).toBe('advanced');
  });

  it('treats a list that only lags as a cache’s copy, unless it was modified later or keeps lagging', () => {
    expect(judge(loaded(0, 3), loaded(0, 2, { at: 1000 }))).toBe('stale');
    const written = loaded(0, 3, { modifiedAt: 5000 });
    expect(judge(written, loaded(0, 0, { at: 9000, modifiedAt: 9000 }))).toBe('restarted');
    expect(judge(written, loaded(0, 2, { at: 9000, modifiedAt: 4000 }))).toBe('stale');
    expect(judge(loaded(0, 3), loaded(0, 2, { at: 9000 }), 6000)).toBe('stale');
    expect(judge(loaded(0, 3), loaded(0, 2, { at: 9000 }), 4000)).toBe('restarted');
  });

  it('doubts a list that advanced less than the elapsed time', () => {
    expect(judge(loaded(0, 3), loaded(0, 6, { at: 20_000 }))).toBe('doubtful');
    expect(judge(loaded(0, 3), loaded(4, 12, { at: 20_000 }))).toBe('advanced');
  });
});

describe('commonSegment', () => {
  it('is the newest segment in both lists', () => {
    expect(commonSegment(loaded(0, 3).list, loaded(2, 6).list)?.msn).toBe(3);
    expect(commonSegment(loaded(0, 3).list, loaded(4, 6).list)).toBeUndefined();
  });
});
