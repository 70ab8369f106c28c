import { PieceSet } from '@freshet/protocol';
import { expect, it } from 'vitest';
import { TraceRecorder } from './trace-recorder.ts';

it('writes a header and a line for each step', () => {
  const recorder = new TraceRecorder('peer', { storeBytes: 1, uploads: true }, 5);
  recorder.step({ type: 'tick' }, 6.25, [{ type: 'forget', segment: 's' }]);
  expect(recorder.text())
    .toBe(`{"format":"freshet-trace","version":1,"core":"peer","options":{"storeBytes":1,"uploads":true},"startedAt":5,"dropped":0}
[6.25,{"type":"tick"},[{"type":"forget","segment":"s"}]]
`);
});

it('keeps what an event said, also when the core changes it afterwards', () => {
  const recorder = new TraceRecorder('peer', {}, 0);
  const pieces = PieceSet.of(4, [1]);
  recorder.step({ type: 'frame', pieces }, 0, []);
  pieces.add(2);
  expect(recorder.text()).toContain('{"of":4,"pieces":[1]}');
});

it('drops the oldest steps beyond its limit, and says how many', () => {
  const recorder = new TraceRecorder('tracker', {}, 0, 1000);
  for (let i = 0; i < 10_000; i++) recorder.step({ type: 'tick' }, i, []);
  const [header = '', ...lines] = recorder.text().trimEnd().split('\n');
  expect(lines.join('').length).toBeLessThanOrEqual(1000);
  expect(lines.at(-1)).toBe('[9999,{"type":"tick"},[]]');
  expect(JSON.parse(header)).toMatchObject({ dropped: 10_000 - lines.length });
});
