import { FRAME_PAYLOAD_BYTES, LIMITS, type PieceFrame, TICKS_PER_MS } from '@freshet/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pacer } from './pacer.ts';
import { FakeLink } from '../testing/fake-link.ts';

const ANN = 'a'.repeat(16);
const BOB = 'b'.repeat(16);
const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
const PACKET = 1160;

let now: number;
beforeEach(() => {
  vi.useFakeTimers();
  now = 1000;
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets time pass. Timers fire on the millisecond, as in a browser. */
function pass(ms: number): void {
  for (let i = 0; i < ms; i++) {
    now++;
    vi.advanceTimersByTime(1);
  }
}

function pacer(bytesPerMs: number) {
  const sent: string[] = [];
  let brokenOff = 0;
  const subject = new Pacer(() => now, {
    onPieceSent: (peer, { piece }) => sent.push(`${peer[0] ?? ''}${piece}`),
    onPieceBrokenOff: (bytes) => {
      brokenOff += bytes;
    },
  });
  subject.bytesPerMs = bytesPerMs;
  const add = (link: FakeLink, piece: number, bytes = 65_536, peer = ANN) => {
    const payload = Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + piece) & 0xff);
    subject.add(peer, link, { segment: SEGMENT, piece, bytes }, payload, 250);
    return payload;
  };
  return { subject, add, sent, brokenOff: () => brokenOff };
}

const payloadOf = (frames: readonly PieceFrame[]) =>
  frames.reduce((bytes, { payload }) => bytes + payload.length, 0);

test.each([8, 20, 47, 125, 400, 1100, 2000])(
  'keeps to a pace of %d bytes a millisecond over all links together',
  (rate) => {
    const { add } = pacer(rate);
    const links = [new FakeLink(), new FakeLink()];
    for (let i = 0; i < (4 * rate) / 60 + 4; i++) {
      const link = links[i % 2];
      if (link !== undefined) add(link, i, 65_536, i % 2 === 0 ? ANN : BOB);
    }
    pass(1000);
    const before = links.reduce((bytes, { frames }) => bytes + payloadOf(frames), 0);
    pass(2000);
    const after = links.reduce((bytes, { frames }) => bytes + payloadOf(frames), 0);
    expect((after - before) / 2000 / rate).toBeGreaterThan(0.97);
    expect((after - before) / 2000 / rate).toBeLessThan(1.03);
  },
);

test('a piece arrives whole and in order, with time stamps and the core’s backlog', () => {
  const { add, sent } = pacer(100);
  const link = new FakeLink();
  const bytes = add(link, 3, 20_000);
  pass(300);
  expect(Buffer.concat(link.frames.map(({ payload }) => payload)).equals(Buffer.from(bytes))).toBe(true);
  let offset = 0;
  for (const frame of link.frames) {
    expect(frame).toMatchObject({ segment: SEGMENT, piece: 3, offset, backlogMs: 250 });
    offset += frame.payload.length;
  }
  const stamps = link.frames.map(({ sentAt }) => sentAt / TICKS_PER_MS);
  expect(stamps[0]).toBe(1000);
  // 200 ms at this pace, less the last frame's own time.
  expect(stamps.at(-1)).toBeGreaterThan(1180);
  expect(stamps.at(-1)).toBeLessThan(1200);
  expect(sent).toEqual(['a3']);
});

test('frames hold the whole packets that leave within 20 ms, at least one', () => {
  const lengthAt = (rate: number) => {
    const { add } = pacer(rate);
    const link = new FakeLink();
    add(link, 0);
    return link.lengths[0];
  };
  expect(lengthAt(8)).toBe(PACKET);
  for (const rate of [130, 240, 400, 700]) {
    const length = lengthAt(rate) ?? 0;
    expect(length % PACKET).toBe(0);
    expect(length / rate).toBeLessThanOrEqual(20);
    // One more packet would take longer, or at least long enough that timers are few.
    expect((length + PACKET) / rate).toBeGreaterThan(10);
  }
  expect(lengthAt(100_000)).toBe(14 * PACKET);
});

test('F6: only the last frame is shorter than the minimum payload, and none exceeds the maximum', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 65_536 }), fc.integer({ min: 8, max: 20_000 }), (bytes, rate) => {
      const { add } = pacer(rate);
      const link = new FakeLink();
      add(link, 0, bytes);
      pass(Math.ceil(bytes / rate) + 20);
      expect(payloadOf(link.frames)).toBe(bytes);
      for (const { payload } of link.frames.slice(0, -1))
        expect(payload.length).toBeGreaterThanOrEqual(LIMITS.payloadBytes);
      for (const { payload } of link.frames) expect(payload.length).toBeLessThanOrEqual(FRAME_PAYLOAD_BYTES);
    }),
    { numRuns: 60 },
  );
});

test('B12: sends the next piece while the first one’s link is full, and the first again when its link is ready', () => {
  const { subject, add, sent } = pacer(1000);
  const [ann, bob] = [new FakeLink(), new FakeLink()];
  ann.isReady = false;
  add(ann, 0, 65_536, ANN);
  add(bob, 1, 65_536, BOB);
  pass(30);
  expect(ann.frames).toEqual([]);
  expect(payloadOf(bob.frames)).toBeGreaterThan(20_000);
  ann.isReady = true;
  subject.pump();
  const before = payloadOf(bob.frames);
  pass(20);
  expect(payloadOf(ann.frames)).toBeGreaterThan(10_000);
  expect(payloadOf(bob.frames)).toBe(before);
  pass(200);
  expect(sent).toEqual(['a0', 'b1']);
});

test('waits without a timer while every link is full, until one is ready', () => {
  const { subject, add, sent } = pacer(1000);
  const link = new FakeLink();
  link.isReady = false;
  add(link, 0, 4000);
  pass(1000);
  expect(vi.getTimerCount()).toBe(0);
  link.isReady = true;
  subject.pump();
  pass(10);
  expect(sent).toEqual(['a0']);
});

test('F6: frames of two pieces are not mixed on one link, even when it is full at times', () => {
  const { subject, add, sent } = pacer(500);
  const link = new FakeLink();
  link.onBulk = () => {
    link.isReady = false;
  };
  add(link, 0, 30_000);
  add(link, 1, 30_000);
  for (let i = 0; i < 200; i++) {
    link.isReady = true;
    subject.pump();
    pass(3);
  }
  const pieces = link.frames.map(({ piece }) => piece);
  expect(pieces).toEqual([...pieces].sort((a, b) => a - b));
  expect(sent).toEqual(['a0', 'a1']);
});

test('B8: sends nothing more of a piece recalled midway, and reports the bytes that left', () => {
  const { subject, add, sent, brokenOff } = pacer(100);
  const link = new FakeLink();
  add(link, 0);
  add(link, 1, 2000);
  pass(100);
  const left = payloadOf(link.frames);
  expect(left).toBeGreaterThan(5000);
  subject.recall(BOB, { segment: SEGMENT, piece: 0 });
  subject.recall(ANN, { segment: { ...SEGMENT, msn: 6 }, piece: 0 });
  expect(brokenOff()).toBe(0);
  subject.recall(ANN, { segment: SEGMENT, piece: 0 });
  expect(brokenOff()).toBe(left);
  pass(1000);
  expect(link.frames.filter(({ piece }) => piece === 0)).toHaveLength(
    link.frames.findIndex(({ piece }) => piece === 1),
  );
  expect(payloadOf(link.frames)).toBe(left + 2000);
  expect(sent).toEqual(['a1']);
  // When it is requested again, the piece starts from its beginning.
  add(link, 0, 1000);
  expect(link.frames.at(-1)).toMatchObject({ piece: 0, offset: 0 });
});

test('leaves no timer when the only waiting piece is recalled', () => {
  const { subject, add } = pacer(20);
  add(new FakeLink(), 0);
  expect(vi.getTimerCount()).toBe(1);
  subject.recall(ANN, { segment: SEGMENT, piece: 0 });
  expect(vi.getTimerCount()).toBe(0);
});

test('drops the pieces of a link that closes, and continues with the others', () => {
  const { subject, add, sent, brokenOff } = pacer(500);
  const [ann, bob] = [new FakeLink(), new FakeLink()];
  add(ann, 0, 65_536, ANN);
  add(ann, 1, 65_536, ANN);
  add(bob, 2, 20_000, BOB);
  pass(20);
  const left = payloadOf(ann.frames);
  subject.closed(ann);
  pass(200);
  expect(payloadOf(ann.frames)).toBe(left);
  expect(brokenOff()).toBe(left);
  expect(sent).toEqual(['b2']);
});

test('does not report a piece as sent when its link closes during the last frame', () => {
  const { subject, add, sent } = pacer(500);
  const link = new FakeLink();
  link.onBulk = () => {
    subject.closed(link);
  };
  add(link, 0, 600);
  pass(100);
  expect(link.frames).toHaveLength(1);
  expect(sent).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a piece added in `onPieceSent` leaves at the same pace', () => {
  const link = new FakeLink();
  let pieces = 0;
  const subject: Pacer = new Pacer(() => now, {
    onPieceSent: () => {
      next();
    },
    onPieceBrokenOff: () => undefined,
  });
  subject.bytesPerMs = 4000;
  function next(): void {
    const bytes = new Uint8Array(16_384);
    subject.add(ANN, link, { segment: SEGMENT, piece: pieces++ % 500, bytes: bytes.length }, bytes, 0);
  }
  next();
  pass(1000);
  expect(payloadOf(link.frames) / 1000 / 4000).toBeGreaterThan(0.97);
  expect(payloadOf(link.frames) / 1000 / 4000).toBeLessThan(1.03);
});

test('makes up for at most 20 ms of a late timer', () => {
  const { add } = pacer(300);
  const link = new FakeLink();
  for (let i = 0; i < 10; i++) add(link, i);
  pass(100);
  const before = payloadOf(link.frames);
  for (let i = 0; i < 10; i++) {
    // The page's thread is busy.
    now += 15;
    vi.advanceTimersByTime(15);
    pass(85);
  }
  expect((payloadOf(link.frames) - before) / 1000 / 300).toBeGreaterThan(0.98);
  const late = payloadOf(link.frames);
  now += 500;
  vi.advanceTimersByTime(500);
  const burst = payloadOf(link.frames) - late;
  expect(burst).toBeGreaterThan(20 * 300);
  expect(burst).toBeLessThan(31 * 300);
});

test('starts with one frame after a rest, not with a burst', () => {
  const { add } = pacer(300);
  const link = new FakeLink();
  add(link, 0, 3000);
  pass(5000);
  const before = link.frames.length;
  add(link, 1);
  expect(link.frames).toHaveLength(before + 1);
});

test('incoming messages keep the pace in a hidden page, whose timers fire once a second', () => {
  const { subject, add } = pacer(100);
  const link = new FakeLink();
  for (let i = 0; i < 10; i++) add(link, i);
  const before = payloadOf(link.frames);
  for (let i = 0; i < 50; i++) {
    now += 20;
    subject.pump();
  }
  expect((payloadOf(link.frames) - before) / 1000 / 100).toBeGreaterThan(0.95);
});

test('pumping too early changes nothing and sets no other timer', () => {
  const { subject, add } = pacer(20);
  const link = new FakeLink();
  add(link, 0);
  const setTimer = vi.spyOn(globalThis, 'setTimeout');
  for (let i = 0; i < 1000; i++) subject.pump();
  expect(link.frames).toHaveLength(1);
  expect(setTimer).not.toHaveBeenCalled();
});

test('a new pace applies from the next frame on', () => {
  const { subject, add } = pacer(20);
  const link = new FakeLink();
  for (let i = 0; i < 10; i++) add(link, i);
  pass(200);
  const before = payloadOf(link.frames);
  subject.bytesPerMs = 1000;
  pass(200);
  expect(payloadOf(link.frames) - before).toBeGreaterThan(150_000);
});

test('F11: finds what had left with a frame, and its run, by the frame’s time stamp', () => {
  const { subject, add } = pacer(100);
  const [ann, bob] = [new FakeLink(), new FakeLink()];
  add(ann, 0, 5000, ANN);
  add(bob, 1, 5000, BOB);
  pass(200);
  const logged = [...ann.frames, ...bob.frames].map(({ sentAt }) => subject.sentAt(sentAt));
  const last = logged.at(-1);
  expect(last).toEqual({ sentBytes: 10_000, heldMs: 0, run: expect.any(Number) as number });
  expect(new Set(logged.map((sent) => sent?.run)).size).toBe(1);
  expect(subject.sentAt(1)).toBeUndefined();
  // A rest begins another run.
  pass(1000);
  add(ann, 2, 500, ANN);
  const again = subject.sentAt(ann.frames.at(-1)?.sentAt ?? 0);
  expect(again?.sentBytes).toBe(10_500);
  expect(again?.run).toBeGreaterThan(last?.run ?? 0);
});

test('F11: time stamps wrap around at 2^32 ticks', () => {
  now = 2 ** 32 / TICKS_PER_MS - 50;
  const { subject, add } = pacer(100);
  const link = new FakeLink();
  add(link, 0, 10_000);
  pass(200);
  const stamps = link.frames.map(({ sentAt }) => sentAt);
  expect(stamps[0]).toBe(2 ** 32 - 500);
  expect(stamps.at(-1)).toBeLessThan(1000);
  expect(subject.sentAt(stamps.at(-1) ?? 0)?.sentBytes).toBe(10_000);
});

test('leaves no timer and sends nothing once closed', () => {
  const { subject, add, sent } = pacer(50);
  const link = new FakeLink();
  add(link, 0);
  subject.close();
  expect(vi.getTimerCount()).toBe(0);
  subject.pump();
  pass(1000);
  expect(link.frames).toHaveLength(1);
  expect(sent).toEqual([]);
});

test('F11: knows how long a channel’s window held a frame up once the channel is empty', () => {
  const { subject, add } = pacer(100);
  const [ann, bob] = [new FakeLink(), new FakeLink()];
  add(ann, 0, 1500, ANN);
  pass(8);
  subject.drained(ann);
  add(bob, 1, 500, BOB);
  const left = now;
  pass(60);
  const held = bob.frames.map(({ sentAt }) => sentAt)[0] ?? 0;
  expect(subject.sentAt(held)?.heldMs).toBe(0);
  subject.drained(bob);
  expect(subject.sentAt(held)?.heldMs).toBeGreaterThan(40);
  expect(subject.sentAt(held)?.heldMs).toBeLessThanOrEqual(now - left);
  // The hand-over between two threads of a busy page takes as long as the first frame took.
  expect(subject.sentAt(ann.frames[0]?.sentAt ?? 0)?.heldMs).toBe(0);
});
