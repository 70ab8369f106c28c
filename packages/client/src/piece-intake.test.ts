import { createHash } from 'node:crypto';
import { encodeFrame, type Frame, PieceSet, segmentKey } from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import { expect, test, vi } from 'vitest';
import { PieceIntake } from './piece-intake.ts';
import { PieceStore } from './piece-store.ts';
import { makeDigest } from './verify.ts';

const PEER = 'a'.repeat(16);
const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
const KEY = segmentKey(SEGMENT);
const BYTES = Uint8Array.from({ length: 10_000 }, (_, i) => i & 0xff);
const FRAME: Extract<Frame, { type: 'piece' }> = {
  type: 'piece',
  segment: SEGMENT,
  piece: 0,
  offset: 0,
  payload: BYTES,
};

function intake() {
  const store = new PieceStore();
  store.announce(KEY, BYTES.length, createHash('sha256').update(BYTES).digest());
  const events: PeerEvent[] = [];
  const counts = { verified: vi.fn(), wasted: vi.fn() };
  const subject = new PieceIntake(store, makeDigest(), counts, (event) => events.push(event));
  subject.assembler.requested(PEER, KEY, BYTES.length, [0]);
  const hear = (frame: Frame) => {
    subject.hear(PEER, encodeFrame(frame));
  };
  return { subject, hear, store, events, counts };
}

test('a good piece is stored before the core hears of it', async () => {
  const { hear, store, events, counts } = intake();
  hear(FRAME);
  expect(store.has(KEY, 0)).toBe(false);
  await vi.waitFor(() => {
    expect(events).toEqual([{ type: 'piece-arrived', peer: PEER, segment: KEY, piece: 0, verdict: 'good' }]);
  });
  expect(store.piece(KEY, 0)).toEqual(BYTES);
  expect(counts.verified).toHaveBeenCalledWith(BYTES.length);
});

test('P5: a bad piece is not stored', async () => {
  const { hear, store, events, counts } = intake();
  hear({ ...FRAME, payload: new Uint8Array(BYTES.length) });
  await vi.waitFor(() => {
    expect(events).toMatchObject([{ verdict: 'bad' }]);
  });
  expect(store.has(KEY, 0)).toBe(false);
  expect(counts.wasted).toHaveBeenCalledWith(BYTES.length);
});

test('a good piece that is there already is spare', async () => {
  const { hear, store, events, counts } = intake();
  store.put(KEY, 0, BYTES);
  hear(FRAME);
  await vi.waitFor(() => {
    expect(events).toMatchObject([{ verdict: 'spare' }]);
  });
  expect(counts.wasted).toHaveBeenCalledWith(BYTES.length);
});

test('a piece that nobody asked for is told as misbehaviour at once', () => {
  const { hear, events } = intake();
  hear({ ...FRAME, piece: 1 });
  expect(events).toMatchObject([{ type: 'misbehaved', peer: PEER }]);
});

test('a piece of a segment that was forgotten meanwhile is waste and no fault', () => {
  const { hear, store, events, counts } = intake();
  store.forget(KEY);
  hear(FRAME);
  expect(counts.wasted).toHaveBeenCalledWith(BYTES.length);
  expect(events).toEqual([]);
});

test('an undecodable message is misbehaviour; control frames reach the core', () => {
  const { subject, hear, events } = intake();
  subject.hear(PEER, Uint8Array.of(255));
  hear({ type: 'bye' });
  expect(events).toEqual([
    { type: 'misbehaved', peer: PEER, what: 'unknown-type' },
    { type: 'frame', peer: PEER, frame: { type: 'bye' } },
  ]);
});

test('a piece that was rejected is not owed any more', () => {
  const { hear, events } = intake();
  hear({ type: 'reject', segment: SEGMENT, pieces: PieceSet.of(1, [0]), reason: 'busy' });
  hear(FRAME);
  expect(events).toMatchObject([{ type: 'frame' }, { type: 'misbehaved' }]);
});
