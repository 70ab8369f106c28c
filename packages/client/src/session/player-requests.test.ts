import { createHash } from 'node:crypto';
import { type PartSize, segmentKey, type SegmentKey } from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import { expect, test, vi } from 'vitest';
import { OriginFetches } from '../origin/origin-fetches.ts';
import { PlayerRequests } from './player-requests.ts';
import { PieceStore } from '../store/piece-store.ts';
import { makeDigest } from '../store/verify.ts';

const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
const KEY = segmentKey(SEGMENT);
const BODY = new Uint8Array(10_000).fill(4);

function requests() {
  const events: PeerEvent[] = [];
  const store = new PieceStore();
  store.announce(KEY, BODY.length, createHash('sha256').update(BODY).digest());
  const dispatch = (event: PeerEvent) => {
    events.push(event);
  };
  const clock = () => 1000;
  const tools = { store, digest: makeDigest(), clock, dispatch, onWasted: () => undefined };
  const origin = new OriginFetches(tools, { onBytes: () => undefined, onPerViewer: () => undefined });
  const player = {
    deadlineOf: (start: number) => start * 1000,
    bandwidthEstimate: 4_000_000,
    mayClimb: true,
  };
  const onPlayed = vi.fn();
  const parts = new Map<SegmentKey, readonly PartSize[]>();
  const subject = new PlayerRequests(
    store,
    origin,
    player,
    clock,
    dispatch,
    { partsOf: (key) => parts.get(key) },
    onPlayed,
  );
  const told = { onSegment: vi.fn(), onFailed: vi.fn(), onProgress: vi.fn() };
  const cancel = subject.add({ segment: SEGMENT, kind: 'main', durationMs: 2000, mediaStart: 9, ...told });
  return { subject, events, store, player, told, cancel, onPlayed, parts };
}
const turn = () => Promise.resolve();

test('passes a request to the core after the player’s call has returned', async () => {
  const { events } = requests();
  expect(events).toEqual([]);
  await turn();
  expect(events).toEqual([
    { type: 'want', want: 1, segment: SEGMENT, durationMs: 2000, deadline: 9000, mayClimb: true },
  ]);
});

test('passes only the withdrawal to the core when a request is withdrawn before that', async () => {
  const { events, cancel } = requests();
  cancel();
  cancel();
  await turn();
  expect(events).toEqual([{ type: 'unwant', want: 1 }]);
});

test('delivers once, as a copy, with timings that leave hls.js’s estimate unchanged', () => {
  const { subject, store, told, onPlayed } = requests();
  store.put(KEY, 0, BODY);
  subject.deliver(1, undefined);
  subject.deliver(1, undefined);
  subject.fail(1);
  expect(told.onSegment).toHaveBeenCalledOnce();
  expect(told.onFailed).not.toHaveBeenCalled();
  const [body, times] = told.onSegment.mock.calls[0] as [ArrayBuffer, { first: number; end: number }];
  expect(new Uint8Array(body)).toEqual(BODY);
  expect(body).not.toBe(store.piece(KEY, 0)?.buffer);
  expect((BODY.length * 8000) / (times.end - times.first)).toBeCloseTo(4_000_000);
  expect(onPlayed).toHaveBeenCalledWith(BODY.length);
});

test('throws on the delivery of a segment that is not held', () => {
  const { subject } = requests();
  expect(() => {
    subject.deliver(1, undefined);
  }).toThrow(KEY);
});

test('reports a failure once, and so the end of all requests', () => {
  const { subject, told } = requests();
  subject.failAll();
  subject.fail(1);
  expect(told.onFailed.mock.calls).toEqual([[0]]);
});

test('reports deadlines that moved, but not those that hardly did', async () => {
  const { subject, events, player } = requests();
  await turn();
  player.deadlineOf = () => 9040;
  subject.playheadMoved();
  player.deadlineOf = () => 2000;
  subject.playheadMoved();
  subject.playheadMoved();
  expect(events.slice(1)).toEqual([{ type: 'deadline', want: 1, deadline: 2000 }]);
});

test('reports no progress to hls.js while a request is held', () => {
  const { subject, told } = requests();
  subject.progress(KEY);
  expect(told.onProgress).not.toHaveBeenCalled();
});

test('P8: requests a segment by its parts when they are known', async () => {
  const { subject, events, parts, told } = requests();
  parts.set('1/0a0b0c0d/6', [
    { bytes: 10, durationMs: 500 },
    { bytes: 10, durationMs: 500 },
  ]);
  const whole = { ...SEGMENT, msn: 6 };
  const cancel = subject.add({ segment: whole, kind: 'main', durationMs: 1000, mediaStart: 11, ...told });
  await turn();
  expect(events.slice(1)).toEqual([
    {
      type: 'want',
      want: 2,
      segment: { ...whole, part: 0 },
      durationMs: 500,
      deadline: 11_000,
      mayClimb: true,
    },
    {
      type: 'want',
      want: 3,
      segment: { ...whole, part: 1 },
      durationMs: 500,
      deadline: 11_500,
      mayClimb: true,
    },
  ]);
  cancel();
  expect(events.slice(3)).toEqual([
    { type: 'unwant', want: 2 },
    { type: 'unwant', want: 3 },
  ]);
});

test('divides a waiting request when its segment turns out to be made of parts, and withdraws it as one', async () => {
  const { subject, events, parts, cancel } = requests();
  await turn();
  subject.divided(KEY);
  expect(events).toHaveLength(1);
  parts.set(KEY, [{ bytes: 10_000, durationMs: 2000 }]);
  subject.divided(KEY);
  await turn();
  expect(events.slice(1)).toEqual([
    { type: 'unwant', want: 1 },
    {
      type: 'want',
      want: 2,
      segment: { ...SEGMENT, part: 0 },
      durationMs: 2000,
      deadline: 9000,
      mayClimb: true,
    },
  ]);
  cancel();
  expect(events.at(-1)).toEqual({ type: 'unwant', want: 2 });
});
