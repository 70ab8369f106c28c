import { expect, test } from 'vitest';
import { isSamePiece } from './piece-tag.ts';

test('compares pieces by segment, part and number, not by object or size', () => {
  const segment = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
  const tag = { segment, piece: 2, bytes: 10 };
  expect(isSamePiece(tag, { segment: { ...segment }, piece: 2 })).toBe(true);
  expect(isSamePiece(tag, { segment, piece: 3 })).toBe(false);
  for (const other of [{ epoch: 2 }, { rendition: '0a0b0c0e' }, { msn: 6 }, { part: 0 }])
    expect(isSamePiece(tag, { segment: { ...segment, ...other }, piece: 2 })).toBe(false);
});
