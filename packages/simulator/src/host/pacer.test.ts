import type { Millis, PeerId } from '@freshet/protocol';
import { seededRandom } from '@freshet/swarm';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock/virtual-clock.ts';
import { Home } from '../internet/home.ts';
import { labOf } from '../internet/lab.ts';
import { SCTP } from '../network/transport.ts';
import { type Feedback, type LinkEnd, SimLink } from '../network/sim-link.ts';
import { OutgoingPiece, type PieceFrame } from './outgoing-piece.ts';
import { Pacer } from './pacer.ts';

const PIECE_BYTES = 16_384;
const WAY_MS = 40;

class End implements LinkEnd {
  readonly id: PeerId;
  readonly home: Home;
  readonly isGone = false;
  readonly clockOffsetMs: Millis;
  readonly clock: VirtualClock;
  readonly sent: { readonly piece: number; readonly at: Millis }[] = [];
  readonly got: { readonly piece: number; readonly at: Millis }[] = [];
  readonly feedback: { readonly peer: PeerId; readonly feedback: Feedback }[] = [];
  uploadedBytes = 0;

  constructor(clock: VirtualClock, id: PeerId, upKbps: number, clockOffsetMs: Millis) {
    const traits = labOf({ upKbps: [upKbps] }).home(() => 0, 0);
    this.id = id;
    this.clock = clock;
    this.clockOffsetMs = clockOffsetMs;
    this.home = new Home(traits, true);
  }

  linkOpened(): void {
    throw new Error('it is open');
  }
  linkClosed(): void {
    this.sent.push({ piece: -1, at: this.clock.now });
  }
  frameReceived(): void {
    throw new Error('no frame was sent');
  }
  feedbackReceived(peer: PeerId, feedback: Feedback): void {
    this.feedback.push({ peer, feedback });
  }
  pieceFrameReceived({ of, isLast, payload, stamp, leadMs }: PieceFrame): void {
    const { now } = this.clock;
    if (isLast) this.got.push({ piece: of.piece, at: now });
    if (stamp === undefined) return;
    const delay = now + this.clockOffsetMs - stamp.sentAt - leadMs;
    const feedback = of.link.arrivalsAt(this).arrived(stamp, payload, delay, isLast, now);
    if (feedback !== undefined) of.link.sendFeedback(this, feedback);
  }
  pieceSent({ piece }: OutgoingPiece): void {
    this.sent.push({ piece, at: this.clock.now });
  }
  pieceBytesLeft(bytes: number): void {
    this.uploadedBytes += bytes;
  }
}

function stage(upKbps = 1200, fine = true) {
  const clock = new VirtualClock();
  const giver = new End(clock, 'giver', upKbps, 0);
  const takers = [0, 1, 2].map((i) => new End(clock, `taker${i}`, 20_000, 7000 * i));
  const burstBytes = fine ? SCTP.payloadBytes : 20 * SCTP.payloadBytes;
  const route = { wayMs: WAY_MS, jitterMs: 0, loss: 0, relay: undefined };
  const links = takers.map((taker) => new SimLink(clock, seededRandom(1), [giver, taker], route, burstBytes));
  const pacer = new Pacer(clock, burstBytes);
  const send = (piece: number, to: number, bytes = PIECE_BYTES) => {
    const link = links[to];
    if (link === undefined) throw new Error(`no taker ${to}`);
    pacer.send(new OutgoingPiece(link, giver, { segment: '1/00000000/1', piece, bytes, isGenuine: true }));
  };
  return { clock, giver, takers, links, pacer, send };
}

describe.each([
  ['packet by packet', true],
  ['in bursts', false],
])('Pacer %s', (_, fine) => {
  const paced = (bytesPerMs?: number, upKbps?: number) => {
    const made = stage(upKbps, fine);
    if (bytesPerMs !== undefined) made.pacer.pace(bytesPerMs);
    return made;
  };

  it('sends pieces in the order in which they came, slowly until a pace is set', () => {
    const { clock, giver, send, pacer } = paced();
    for (let piece = 0; piece < 4; piece++) send(piece, piece % 3);
    clock.runUntil(2 * (PIECE_BYTES / 32) + 1);
    expect(giver.sent.map(({ piece }) => piece)).toEqual([0, 1]);
    expect((giver.sent[0]?.at ?? 0) / (PIECE_BYTES / 32)).toBeCloseTo(1, 1);
    pacer.pace(64);
    clock.runUntil(10_000);
    const [, second, , last] = giver.sent.map(({ at }) => at);
    expect((last ?? 0) - (second ?? 0)).toBeLessThan(1.3 * (PIECE_BYTES / 32));
  });

  it('makes no queue below the rate of the line, and shows the queue above it as delay', () => {
    const run = (rate: number) => {
      const { clock, giver, takers, send } = paced(rate, 1200);
      for (let piece = 0; piece < 12; piece++) send(piece, piece % 3);
      clock.runUntil(20_000);
      expect(takers.flatMap(({ got }) => got).length).toBe(12);
      const offsets = new Map(takers.map(({ id, clockOffsetMs }) => [id, clockOffsetMs]));
      const delays = giver.feedback.map(({ peer, feedback }) => feedback.delay - (offsets.get(peer) ?? 0));
      expect(delays.length).toBeGreaterThanOrEqual(12);
      return { queueMs: giver.home.upQueue?.quantile(0.95) ?? 0, delayMs: Math.max(...delays) };
    };
    const below = run(110);
    expect(below.queueMs).toBeLessThan(fine ? 25 : 50);
    expect(below.delayMs).toBeLessThan(WAY_MS + 40);
    const above = run(250);
    expect(above.queueMs).toBeGreaterThan(100);
    expect(above.delayMs).toBeGreaterThan(WAY_MS + 100);
  });

  it('sends the next piece first while a link is full', () => {
    const { clock, giver, links, send } = paced(1000, 20_000);
    const [full] = links;
    // More than its window holds.
    for (let piece = 0; piece < 3; piece++) send(piece, 0);
    send(3, 1, 8000);
    clock.runUntil(60);
    expect(full?.flowFrom(giver).unsentBytes).toBeGreaterThan(0);
    expect(giver.sent.map(({ piece }) => piece)).toContain(3);
    expect(giver.sent.map(({ piece }) => piece)).not.toContain(2);
    clock.runUntil(5000);
    expect(giver.sent.length).toBe(4);
  });

  it('stamps each frame with the bytes sent so far, and starts a new run after a pause', () => {
    const { clock, giver, send } = paced(200, 5000);
    send(0, 0);
    clock.runUntil(1000);
    send(1, 0);
    clock.runUntil(5000);
    const [first, last] = [giver.feedback[0]?.feedback, giver.feedback.at(-1)?.feedback];
    expect(last?.sentBytes).toBeGreaterThan(1.5 * PIECE_BYTES);
    expect(last?.sentBytes).toBeLessThanOrEqual(2 * PIECE_BYTES);
    expect(last?.run).toBe((first?.run ?? 0) + 1);
    expect(last?.sentAt).toBeGreaterThan(1000);
  });

  it('sends nothing more of a recalled piece', () => {
    const { clock, giver, takers, links, pacer, send } = paced(32);
    send(0, 0);
    send(1, 1);
    clock.runUntil(100);
    const [first] = links;
    if (first !== undefined) pacer.recall(first, '1/00000000/1', 0);
    clock.runUntil(5000);
    expect(giver.sent.map(({ piece }) => piece)).toEqual([1]);
    expect(takers[0]?.got).toEqual([]);
    expect(giver.uploadedBytes).toBeLessThan(1.5 * PIECE_BYTES);
  });

  it('sends nothing at pace 0, and drops the pieces of a closed link', () => {
    const { clock, giver, links, pacer, send } = paced(0);
    send(0, 0);
    send(1, 1);
    clock.runUntil(1000);
    expect(giver.sent).toEqual([]);
    const [first] = links;
    first?.close(0, 0);
    if (first !== undefined) pacer.closed(first);
    pacer.pace(1000);
    clock.runUntil(5000);
    expect(giver.sent.map(({ piece }) => piece)).toEqual([-1, 1]);
  });
});
