import { expect, test } from 'vitest';
import { parseStreams } from './streams.ts';

test('reads a list from the server', () => {
  const streams = [{ name: 'live', state: 'live', viewers: 3, playlist: 'live/live/index.m3u8' }];
  expect(parseStreams({ streams })).toEqual([{ name: 'live', state: 'live', viewers: 3 }]);
});

test('leaves out entries of another shape', () => {
  const streams = [
    null,
    'live',
    { name: '<b>', state: 'live', viewers: 1 },
    { name: 'a', state: 'exploded', viewers: 1 },
    { name: 'b', state: 'down', viewers: -4 },
    { name: 'c', state: 'ended', viewers: 'many' },
  ];
  expect(parseStreams({ streams })).toEqual([
    { name: 'b', state: 'down', viewers: 0 },
    { name: 'c', state: 'ended', viewers: 0 },
  ]);
});

test('cuts a very long list', () => {
  const streams = Array.from({ length: 501 }, (_, i) => ({ name: `s${i}`, state: 'live', viewers: 0 }));
  expect(parseStreams({ streams })).toHaveLength(500);
});

test.each([[null], [[]], ['{}'], [{ streams: {} }]])('throws for %j, which is no list', (json) => {
  expect(() => parseStreams(json)).toThrow('not a list');
});
