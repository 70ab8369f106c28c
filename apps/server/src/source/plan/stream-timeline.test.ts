import { expect, it } from 'vitest';
import type { Numbering } from '../../stream/numbering.ts';
import { StreamTimeline } from './stream-timeline.ts';

const place = (msn: number, timeline = 0) => ({ msn, timeline });
const saved: Numbering = { msnOffset: 100, timelineOffset: 1, highest: { msn: 1100, timeline: 4 } };

function resume(first: number, last: number) {
  const told: Numbering[] = [];
  const timeline = new StreamTimeline(
    7,
    () => 8,
    saved,
    (numbering) => told.push(numbering),
  );
  return { timeline, told, generation: timeline.begin(place(first), place(last)) };
}

it.each([
  ['the source continued', 1010, 1020, 100],
  ['a rendition lags a little', 990, 997, 100],
  ['the encoder restarted while the server was away', 0, 5, 1121],
  ['the encoder restarted at a number in between', 500, 506, 621],
])('after a restart of the server: %s', (_what, first, last, msnOffset) => {
  const { generation } = resume(first, last);
  expect(generation).toEqual({ epoch: 7, msnOffset, timelineOffset: msnOffset === 100 ? 1 : 5 });
});

it('resumes by the first rendition only; another joins it', () => {
  const { timeline, generation } = resume(0, 5);
  expect(timeline.begin(place(0), place(5))).toEqual(generation);
  const other = resume(1010, 1020);
  expect(other.timeline.begin(place(0), place(5))).toEqual(other.generation);
});

it('keeps the source’s own numbers without a saved numbering', () => {
  const timeline = new StreamTimeline(7, () => 8);
  expect(timeline.begin(place(3), place(5))).toEqual({ epoch: 7, msnOffset: 0, timelineOffset: 0 });
});

it('reports the numbering to save: the offsets, and the highest numbers of all renditions', () => {
  const { timeline, told, generation } = resume(1010, 1020);
  timeline.note(place(1120, 4));
  timeline.note(place(1119, 5));
  expect(told.at(-1)).toEqual({ ...saved, highest: { msn: 1120, timeline: 5 } });
  expect(timeline.enter(generation, place(0), place(1120, 5)).msnOffset).toBe(1121);
  expect(told.at(-1)).toEqual({ msnOffset: 1121, timelineOffset: 6, highest: { msn: 1120, timeline: 5 } });
});
