import { PIECE_HASH_BYTES, pieceBytes, pieceCount } from '@freshet/protocol';
import { expect, test } from 'vitest';
import { PieceStore } from './piece-store.ts';

const KEY = '1/0a0b0c0d/5';
const BYTES = 40_000;
const COUNT = pieceCount(BYTES);
const piece = (i: number) => new Uint8Array(pieceBytes(BYTES, i)).fill(i + 1);

function announced(): PieceStore {
  const store = new PieceStore();
  store.announce(KEY, BYTES, new Uint8Array(COUNT * PIECE_HASH_BYTES).fill(9));
  return store;
}

test('completes a segment with its last piece, and gives the receiver its own copy', () => {
  const store = announced();
  for (let i = COUNT - 1; i >= 0; i--) {
    expect(store.copy(KEY)).toBeUndefined();
    expect(store.put(KEY, i, piece(i))).toBe(true);
  }
  expect(store.heldOf(KEY)?.isFull).toBe(true);
  const copy = store.copy(KEY) ?? new ArrayBuffer(0);
  expect(copy.byteLength).toBe(BYTES);
  expect(new Uint8Array(copy)[BYTES - 1]).toBe(COUNT);
  structuredClone(copy, { transfer: [copy] });
  expect(store.piece(KEY, 0)).toEqual(piece(0));
});

test('a piece stored again is not new', () => {
  const store = announced();
  expect(store.put(KEY, 1, piece(1))).toBe(true);
  expect(store.put(KEY, 1, piece(1))).toBe(false);
  expect(store.heldOf(KEY)?.size).toBe(1);
});

test('returns nothing for a piece that is not held, not announced or out of range', () => {
  const store = announced();
  expect(store.piece(KEY, 0)).toBeUndefined();
  expect(store.hashOf(KEY, COUNT)).toBeUndefined();
  expect(store.hashOf('1/0a0b0c0d/6', 0)).toBeUndefined();
  expect(store.put('1/0a0b0c0d/6', 0, piece(0))).toBe(false);
  expect(store.hashOf(KEY, 1)).toHaveLength(PIECE_HASH_BYTES);
});

test('keeps the first piece list of a segment', () => {
  const store = announced();
  store.announce(KEY, BYTES * 2, new Uint8Array(pieceCount(BYTES * 2) * PIECE_HASH_BYTES));
  expect(store.bytesOf(KEY)).toBe(BYTES);
  expect(store.hashOf(KEY, 0)?.[0]).toBe(9);
});

test('drops the bytes and the piece list of a forgotten segment', () => {
  const store = announced();
  store.put(KEY, 0, piece(0));
  store.forget(KEY);
  expect(store.piece(KEY, 0)).toBeUndefined();
  expect(store.bytesOf(KEY)).toBeUndefined();
});

test('throws on a piece or a piece list of the wrong size', () => {
  const store = announced();
  expect(() => store.put(KEY, 0, new Uint8Array(5))).toThrow(RangeError);
  expect(() => {
    new PieceStore().announce(KEY, BYTES, new Uint8Array(5));
  }).toThrow(RangeError);
});
