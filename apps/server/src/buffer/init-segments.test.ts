import { beforeEach, expect, test } from 'vitest';
import { InitSegments } from './init-segments.ts';
import { storeInit, type StoredInit } from './stored-segment.ts';

let bytes: number;
let inits: InitSegments;

beforeEach(() => {
  bytes = 0;
  inits = new InitSegments((change) => {
    bytes += change;
  });
});

function init(text: string, epoch = 1): StoredInit {
  return storeInit(epoch, '0123abcd', Buffer.from(text), 'video/mp4');
}

test('finds an init segment by its bytes, and by its hash in its own epoch', () => {
  const one = init('one');
  inits.add(one);
  expect(inits.find(Buffer.from('one'))).toBe(one);
  expect(inits.find(Buffer.from('two'))).toBeUndefined();
  expect(inits.get(1, one.hash)).toBe(one);
  expect(inits.get(2, one.hash)).toBeUndefined();
});

test('keeps the newest and those in use, and counts the bytes that leave', () => {
  const [one, two, three] = [init('one'), init('seconds'), init('three')];
  for (const each of [one, two, three]) inits.add(each);
  inits.dropUnused(new Set([two, undefined]));
  expect([one, two, three].map(({ hash }) => inits.get(1, hash))).toEqual([undefined, two, three]);
  expect(bytes).toBe('seconds'.length + 'three'.length);
});

test('one that left is held again when an entry needs it, and counts once', () => {
  const [one, two] = [init('one'), init('two')];
  inits.add(one);
  inits.add(two);
  inits.dropUnused(new Set());
  inits.hold(one);
  inits.hold(one);
  expect(inits.get(1, one.hash)).toBe(one);
  expect(bytes).toBe('one'.length + 'two'.length);
});
