import { createHash } from 'node:crypto';
import { encodeFrame, type Frame, PieceSet, segmentKey } from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import { expect, test, vi } from 'vitest';
import type { FeedbackReader } from './feedback-reader.ts';
import { PieceReceiver } from './piece-receiver.ts';
import { PieceStore } from '../store/piece-store.ts';
import { makeDigest } from '../store/verify.ts';

const PEER = 'a'.repeat(16);
const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
const KEY = segmentKey(SEGMENT);
const BYTES = Uint8Array.from({ length: 10_000 }, (_, i) => i & 0xff);
const FRAME: Extract<Frame, { type: 'piece' }> = {
  type: 'piece',
  segment: SEGMENT,
  piece: 0,
  offset: 0,
  sentAt: 5000,
  backlogMs: 40,
  payload: BYTES,
};

function receiver() {
  const store = new PieceStore();
  store.announce(KEY, BYTES.length, createHash('sha256').update(BYTES).digest());
  const events: PeerEvent[] = [];
  const counts = { verified: vi.fn(), wasted: vi.fn() };
  const links = { send: vi.fn() };
  const feedback = { read: vi.fn<FeedbackReader['read']>(), closed: vi.fn() };
  const clock = () => 530;
  const subject = new PieceReceiver(store, makeDigest(), counts, links, feedback, clock, (event) =>
    events.push(event),
  );
  subject.assembler.requested(PEER, KEY, BYTES.length, [0]);
  const receive = (frame: Frame) => {
    subject.receive(PEER, encodeFrame(frame));
  };
  return { subject, receive, store, events, counts, links, feedback };
}

test('stores a good piece before it tells the core', async () => {
  const { receive, store, events, counts } = receiver();
  receive(FRAME);
  expect(store.heldOf(KEY)?.has(0)).toBe(false);
  await vi.waitFor(() => {
    expect(events).toEqual([{ type: 'piece-arrived', peer: PEER, segment: KEY, piece: 0, verdict: 'good' }]);
  });
  expect(store.piece(KEY, 0)).toEqual(BYTES);
  expect(counts.verified).toHaveBeenCalledWith(BYTES.length);
});

test('P5: does not store a bad piece', async () => {
  const { receive, store, events, counts } = receiver();
  receive({ ...FRAME, payload: new Uint8Array(BYTES.length) });
  await vi.waitFor(() => {
    expect(events).toMatchObject([{ verdict: 'bad' }]);
  });
  expect(store.heldOf(KEY)?.has(0)).toBe(false);
  expect(counts.wasted).toHaveBeenCalledWith(BYTES.length);
});

test('reports a good piece that is already held as spare', async () => {
  const { receive, store, events, counts } = receiver();
  store.put(KEY, 0, BYTES);
  receive(FRAME);
  await vi.waitFor(() => {
    expect(events).toMatchObject([{ verdict: 'spare' }]);
  });
  expect(counts.wasted).toHaveBeenCalledWith(BYTES.length);
});

test('reports an unrequested piece as misbehaviour at once', () => {
  const { receive, events } = receiver();
  receive({ ...FRAME, piece: 1 });
  expect(events).toMatchObject([{ type: 'misbehaved', peer: PEER }]);
});

test('a piece of a forgotten segment is waste, not a fault', () => {
  const { receive, store, events, counts } = receiver();
  store.forget(KEY);
  receive(FRAME);
  expect(counts.wasted).toHaveBeenCalledWith(BYTES.length);
  expect(events).toEqual([]);
});

test('reports an undecodable message as misbehaviour, and passes control frames to the core', () => {
  const { subject, receive, events } = receiver();
  subject.receive(PEER, Uint8Array.of(255));
  receive({ type: 'bye' });
  expect(events).toEqual([
    { type: 'misbehaved', peer: PEER, what: 'unknown-type' },
    { type: 'frame', peer: PEER, frame: { type: 'bye' } },
  ]);
});

test('a rejected piece is no longer expected', () => {
  const { receive, events } = receiver();
  receive({ type: 'reject', segment: SEGMENT, pieces: PieceSet.of(1, [0]), reason: 'busy', backlogMs: 0 });
  receive(FRAME);
  expect(events).toMatchObject([{ type: 'frame' }, { type: 'misbehaved' }]);
});

test('reports the neighbour’s backlog with each frame before the last', () => {
  const { receive, events } = receiver();
  receive({ ...FRAME, payload: BYTES.subarray(0, 6000) });
  expect(events).toEqual([{ type: 'piece-progress', peer: PEER, segment: KEY, piece: 0, backlogMs: 40 }]);
});

test('F11: tells the sender how its frames arrive, but not for unrequested ones', () => {
  const { receive, links } = receiver();
  receive({ ...FRAME, piece: 1 });
  expect(links.send).not.toHaveBeenCalled();
  receive(FRAME);
  expect(links.send.mock.calls).toEqual([[PEER, { type: 'feedback', sentAt: 5000, delay: 300 }]]);
});

test('F11: a neighbour’s feedback reaches the core if it names a frame that left', () => {
  const { receive, events, feedback } = receiver();
  const event: PeerEvent = {
    type: 'feedback',
    peer: PEER,
    feedback: { sentAt: 500, delay: 0, sentBytes: 1, run: 1 },
  };
  feedback.read.mockReturnValueOnce(event);
  receive({ type: 'feedback', sentAt: 5000, delay: 1 });
  receive({ type: 'feedback', sentAt: 1, delay: 1 });
  expect(events).toEqual([event]);
});

test('forgets a closed link, and counts its incomplete piece as waste', () => {
  const { subject, receive, counts, feedback, events } = receiver();
  receive({ ...FRAME, payload: BYTES.subarray(0, 6000) });
  subject.linkClosed(PEER);
  expect(counts.wasted.mock.calls).toEqual([[6000]]);
  expect(feedback.closed).toHaveBeenCalledWith(PEER);
  receive(FRAME);
  expect(events.at(-1)).toMatchObject({ type: 'misbehaved' });
});
