import { createHash } from 'node:crypto';
import { segmentKey } from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import { expect, test } from 'vitest';
import { PieceLists } from './piece-lists.ts';
import { PieceStore } from './piece-store.ts';

const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
const INJECTORS = [{ peer: 'a'.repeat(16), first: 0, count: 1 }];
const hash = (text: string) => createHash('sha256').update(text).digest();

function setUp() {
  const store = new PieceStore();
  const told: string[] = [];
  const lists = new PieceLists(store, (event: PeerEvent) => {
    if (event.type !== 'announced') throw new Error(event.type);
    const { segment, bytes, durationMs, injectors } = event.notice;
    told.push(`${segmentKey(segment)} ${bytes} bytes ${durationMs} ms ${injectors.length} injectors`);
  });
  return { store, told, lists };
}

const PARTS = [
  { bytes: 100, durationMs: 500 },
  { bytes: 90, durationMs: 400 },
];
const WHOLE = {
  bytes: 190,
  durationMs: 900,
  hashes: Buffer.concat([hash('one'), hash('two')]),
  parts: PARTS,
};

test('passes a whole segment to the core and keeps its hashes', () => {
  const { lists, store, told } = setUp();
  lists.learn(SEGMENT, { bytes: 100, durationMs: 2000, hashes: hash('one') }, INJECTORS);
  expect(told).toEqual(['1/0a0b0c0d/5 100 bytes 2000 ms 1 injectors']);
  expect(store.hashOf('1/0a0b0c0d/5', 0)).toEqual(hash('one'));
  expect(lists.partsOf('1/0a0b0c0d/5')).toBeUndefined();
  expect(lists.knows('1/0a0b0c0d/5')).toBe(true);
});

test('P8: passes only the parts of a segment made of parts to the core, so that nothing is held twice', () => {
  const { lists, store, told } = setUp();
  lists.learn(SEGMENT, WHOLE, []);
  expect(told).toEqual([
    '1/0a0b0c0d/5.0 100 bytes 500 ms 0 injectors',
    '1/0a0b0c0d/5.1 90 bytes 400 ms 0 injectors',
  ]);
  expect(store.hashOf('1/0a0b0c0d/5.1', 0)).toEqual(hash('two'));
  expect(store.bytesOf('1/0a0b0c0d/5')).toBeUndefined();
  expect(lists.partsOf('1/0a0b0c0d/5')).toEqual(PARTS);
  expect(lists.knows('1/0a0b0c0d/5')).toBe(true);
});

test('announced parts keep their injectors when their complete segment is announced', () => {
  const { lists, told } = setUp();
  lists.learn({ ...SEGMENT, part: 0 }, { bytes: 100, durationMs: 500, hashes: hash('one') }, INJECTORS);
  lists.learn(SEGMENT, WHOLE, []);
  expect(told).toEqual([
    '1/0a0b0c0d/5.0 100 bytes 500 ms 1 injectors',
    '1/0a0b0c0d/5.1 90 bytes 400 ms 0 injectors',
  ]);
});

test('remembers the parts of a bounded number of segments', () => {
  const { lists } = setUp();
  for (let msn = 0; msn < 513; msn++) lists.learn({ ...SEGMENT, msn }, WHOLE, []);
  expect(lists.partsOf('1/0a0b0c0d/0')).toBeUndefined();
  expect(lists.partsOf('1/0a0b0c0d/1')).toEqual(PARTS);
});
