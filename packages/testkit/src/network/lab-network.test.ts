import { type Feedback, seededRandom } from '@freshet/swarm';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '@freshet/simulator';
import type { LabLink, LinkHost, PieceInTransit } from './lab-link.ts';
import { LabNetwork, QUIET_NETWORK } from './lab-network.ts';
import { PacedUplink } from './paced-uplink.ts';

let clock: VirtualClock;
let network: LabNetwork;

beforeEach(() => {
  clock = new VirtualClock();
  network = new LabNetwork(clock, seededRandom(1), {
    ...QUIET_NETWORK,
    latencyMs: [20, 20],
    dialMs: [100, 100],
  });
});

/** A viewer's end that records its events. */
class Notebook implements LinkHost {
  readonly id: string;
  readonly uplink: PacedUplink;
  readonly lines: string[] = [];
  readonly links = new Map<string, LabLink>();
  readonly feedback: Feedback[] = [];

  /** A line of 8 bytes a millisecond. */
  constructor(id: string) {
    this.id = id;
    this.uplink = new PacedUplink(clock, 8);
    this.uplink.pace = 1000;
  }
  linkOpened(link: LabLink): void {
    const peer = link.otherEnd(this.id).id;
    this.links.set(peer, link);
    this.lines.push(`${clock.now} open ${peer}`);
  }
  linkClosed(peer: string): void {
    this.lines.push(`${clock.now} closed ${peer}`);
  }
  frameReceived(peer: string, bytes: Uint8Array): void {
    this.lines.push(`${clock.now} frame of ${bytes.length} from ${peer}`);
  }
  pieceProgressed(peer: string): void {
    this.lines.push(`${Math.round(clock.now)} part from ${peer}`);
  }
  fedBack(_peer: string, feedback: Feedback): void {
    this.feedback.push(feedback);
  }
  pieceReceived(peer: string): void {
    this.lines.push(`${Math.round(clock.now)} piece from ${peer}`);
  }
}

function pair(): [Notebook, Notebook, LabLink] {
  const [ann, bob] = [new Notebook('ann'), new Notebook('bob')];
  network.dial(ann, 'bob', true);
  network.dial(bob, 'ann', false);
  clock.runUntil(100);
  const link = ann.links.get('bob');
  if (link === undefined) throw new Error('no link');
  return [ann, bob, link];
}

describe('a network', () => {
  it('opens a link when both sides dialled and one offered', () => {
    const [ann, bob] = pair();
    expect([ann.lines, bob.lines]).toEqual([['100 open bob'], ['100 open ann']]);
  });

  it('throws on two offers, because a core broke the rule', () => {
    const [ann, bob] = [new Notebook('ann'), new Notebook('bob')];
    network.dial(ann, 'bob', true);
    expect(() => {
      network.dial(bob, 'ann', true);
    }).toThrow('both');
  });

  it('gives up an unanswered dial', () => {
    const ann = new Notebook('ann');
    network.dial(ann, 'bob', true);
    clock.runUntil(20_000);
    expect(ann.lines).toEqual([`${QUIET_NETWORK.dialTimeoutMs} closed bob`]);
  });

  const inTransit = (bytes: number): PieceInTransit => ({
    segment: '1/0badcafe/1',
    piece: 0,
    bytes,
    genuine: true,
    backlogMs: 0,
    isRecalled: false,
  });

  it('carries frames after the latency, and pieces at the sender’s rate, in frames of 2 KiB', () => {
    const [ann, bob, link] = pair();
    const sent: number[] = [];
    link.sendPiece(ann, inTransit(5000), () => sent.push(clock.now));
    link.sendFrame(ann, new Uint8Array(3));
    clock.runUntil(10_000);
    // The pacer takes 2 ms for the first frame, and the line 256 ms a frame.
    expect(sent.map(Math.round)).toEqual([727]);
    expect(bob.lines.slice(1)).toEqual([
      '120 frame of 3 from ann',
      '378 part from ann',
      '634 part from ann',
      '747 piece from ann',
    ]);
  });

  it('sends feedback on frames every 8 KiB and at the end', () => {
    const [ann, , link] = pair();
    link.sendPiece(ann, inTransit(20_000), () => undefined);
    clock.runUntil(10_000);
    const frame = 2048;
    expect(ann.feedback.map(({ sentBytes }) => sentBytes)).toEqual([frame, 5 * frame, 9 * frame, 20_000]);
    // Frames that are paced above the line's rate wait longer and longer.
    const delays = ann.feedback.map(({ delay }) => delay);
    expect(delays[0]).toBeCloseTo(256 + 20, 0);
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
    expect(delays.at(-1)).toBeGreaterThan(2000);
  });

  it('B8: nothing more of a recalled piece leaves', () => {
    const [ann, bob, link] = pair();
    const piece = inTransit(20_000);
    const sent: number[] = [];
    ann.uplink.pace = 8;
    link.sendPiece(ann, piece, () => sent.push(clock.now));
    clock.runUntil(1000);
    const before = bob.lines.length;
    piece.isRecalled = true;
    clock.runUntil(10_000);
    // Frames that had left the pacer still arrive.
    expect(bob.lines.length - before).toBe(2);
    expect(bob.lines.filter((line) => line.includes('piece from'))).toEqual([]);
    expect(sent).toEqual([]);
  });

  it('delivers frames that were sent before a hang-up, and none after', () => {
    const [ann, bob, link] = pair();
    link.sendFrame(ann, new Uint8Array(1));
    network.hangUp(ann, 'bob');
    link.sendFrame(ann, new Uint8Array(2));
    link.sendFrame(bob, new Uint8Array(3));
    clock.runUntil(1000);
    expect(ann.lines.slice(1)).toEqual(['100 closed bob']);
    expect(bob.lines.slice(1)).toEqual(['120 frame of 1 from ann', '120 closed ann']);
  });

  it('tells the neighbours late that a viewer is gone', () => {
    const [ann, bob] = pair();
    network.vanish('ann', 5000);
    network.dial(bob, 'ann', true);
    clock.runUntil(30_000);
    expect(bob.lines.slice(1)).toEqual([
      '5100 closed ann',
      `${100 + QUIET_NETWORK.dialTimeoutMs} closed ann`,
    ]);
    expect(ann.lines).toHaveLength(2);
  });

  it('breaks links and dials across a division until it ends', () => {
    const [ann, bob] = pair();
    network.divide([['ann'], ['bob']], 1000);
    clock.runUntil(2000);
    expect(bob.lines.slice(1)).toEqual(['1100 closed ann']);
    network.dial(ann, 'bob', true);
    network.dial(bob, 'ann', false);
    clock.runUntil(3000);
    expect(bob.lines.slice(2)).toEqual(['2100 closed ann']);
    network.divide([], 0);
    network.dial(ann, 'bob', true);
    network.dial(bob, 'ann', false);
    clock.runUntil(4000);
    expect(bob.lines.slice(3)).toEqual(['3100 open ann']);
  });
});
