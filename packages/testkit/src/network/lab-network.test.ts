import { seededRandom } from '@freshet/swarm';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '@freshet/simulator';
import type { LabLink, LinkHost } from './lab-link.ts';
import { LabNetwork, QUIET_NETWORK } from './lab-network.ts';
import { Pipe } from './pipe.ts';

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

/** A viewer's end that writes down what happens to it. */
class Notebook implements LinkHost {
  readonly id: string;
  readonly uplink: Pipe;
  readonly lines: string[] = [];
  readonly links = new Map<string, LabLink>();

  /** 8 bytes a millisecond. */
  constructor(id: string) {
    this.id = id;
    this.uplink = new Pipe(clock, 8);
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

  it('refuses two offers: a core broke the rule', () => {
    const [ann, bob] = [new Notebook('ann'), new Notebook('bob')];
    network.dial(ann, 'bob', true);
    expect(() => {
      network.dial(bob, 'ann', true);
    }).toThrow('both');
  });

  it('gives up a dial that nobody answers', () => {
    const ann = new Notebook('ann');
    network.dial(ann, 'bob', true);
    clock.runUntil(20_000);
    expect(ann.lines).toEqual([`${QUIET_NETWORK.dialTimeoutMs} closed bob`]);
  });

  it('carries frames after the latency, and pieces at the sender’s rate', () => {
    const [ann, bob, link] = pair();
    const sent: number[] = [];
    const piece = { segment: '1/0badcafe/1', piece: 0, bytes: 20_000, genuine: true };
    link.sendPiece(ann, piece, () => sent.push(clock.now));
    link.sendFrame(ann, new Uint8Array(3));
    clock.runUntil(10_000);
    expect(sent).toEqual([2600]);
    expect(bob.lines.slice(1)).toEqual([
      '120 frame of 3 from ann',
      '2165 part from ann',
      '2620 piece from ann',
    ]);
  });

  it('delivers what was said before hanging up, and nothing after', () => {
    const [ann, bob, link] = pair();
    link.sendFrame(ann, new Uint8Array(1));
    network.hangUp(ann, 'bob');
    link.sendFrame(ann, new Uint8Array(2));
    link.sendFrame(bob, new Uint8Array(3));
    clock.runUntil(1000);
    expect(ann.lines.slice(1)).toEqual(['100 closed bob']);
    expect(bob.lines.slice(1)).toEqual(['120 frame of 1 from ann', '120 closed ann']);
  });

  it('lets the others notice late that a viewer is gone', () => {
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

  it('breaks links and dials across a division, until it is whole again', () => {
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
