import type { Millis, PeerId } from '@freshet/protocol';
import { seededRandom } from '@freshet/swarm';
import { expect, it } from 'vitest';
import { VirtualClock } from '../clock/virtual-clock.ts';
import { drawAccess } from '../internet/access.ts';
import { Home } from '../internet/home.ts';
import type { Internet } from '../internet/internet.ts';
import { type Lab, labOf } from '../internet/lab.ts';
import type { LinkEnd, SimLink } from './sim-link.ts';
import { reachable, SimNetwork } from './sim-network.ts';

class End implements LinkEnd {
  readonly id: PeerId;
  readonly home: Home;
  readonly isGone = false;
  readonly clock: VirtualClock;
  link: SimLink | undefined;
  openedAt: Millis | undefined;
  failedAt: Millis | undefined;
  heardAt: Millis | undefined;

  constructor(clock: VirtualClock, internet: Internet, order: number) {
    this.id = `v${order}`;
    this.clock = clock;
    this.home = new Home(
      internet.home(() => 0.5, order),
      false,
    );
  }

  linkOpened(link: SimLink): void {
    this.link = link;
    this.openedAt = this.clock.now;
  }
  linkClosed(): void {
    this.failedAt = this.clock.now;
  }
  frameReceived(): void {
    this.heardAt = this.clock.now;
  }
  feedbackReceived(): void {
    throw new Error('no piece was sent');
  }
  pieceFrameReceived(): void {
    throw new Error('no piece was sent');
  }
  pieceSent(): void {
    throw new Error('no piece was sent');
  }
  pieceBytesLeft(): void {
    throw new Error('no piece was sent');
  }
}

/** Two homes dial each other, and if they are linked, one sends a frame. */
function meet(lab: Lab) {
  const clock = new VirtualClock();
  const internet = labOf({ loss: 0, ...lab });
  const network = new SimNetwork(clock, internet, seededRandom(1), 1);
  const [a, b] = [new End(clock, internet, 0), new End(clock, internet, 1)];
  network.dial(a, b.id, true);
  network.dial(b, a.id, false);
  clock.runUntil(20_000);
  const saidAt = clock.now;
  a.link?.sendFrame(a, { type: 'bye' });
  clock.runUntil(30_000);
  return { a, b, network, wayMs: b.heardAt === undefined ? undefined : b.heardAt - saidAt };
}

it('adds up the delays of both homes, and takes several round trips to make a link', () => {
  const near = meet({ wayMs: 5 });
  const far = meet({ wayMs: 60 });
  expect(near.wayMs).toBeGreaterThan(10);
  expect(near.wayMs).toBeLessThan(25);
  expect((far.wayMs ?? 0) - (near.wayMs ?? 0)).toBeCloseTo(110, 0);
  expect((far.a.openedAt ?? 0) - (near.a.openedAt ?? 0)).toBeGreaterThan(5 * 220);
  expect(near.network.relayed.bytes).toBe(0);
});

it('links homes that cannot reach each other directly through TURN, whose bytes it counts, or not at all', () => {
  const relayed = meet({ nats: ['symmetric'], turn: 'udp' });
  expect(relayed.wayMs).toBeGreaterThan(40);
  expect(relayed.network.relayed.bytes).toBeGreaterThan(100);
  const cut = meet({ nats: ['symmetric'] });
  expect(cut.wayMs).toBeUndefined();
  expect([cut.a.failedAt, cut.b.failedAt]).toEqual([8000, 8000]);
});

it('leaves about a fifth of the pairs without a route, always the same ones', () => {
  const pairs = Array.from({ length: 5000 }, (_, i) => `v${i} v${i + 7}`);
  const cut = pairs.filter((pair) => !reachable(pair, 3, 0.2));
  expect(cut.length / pairs.length).toBeCloseTo(0.2, 1);
  expect(pairs.filter((pair) => !reachable(pair, 3, 0.2))).toEqual(cut);
});

it('draws faster downlinks than uplinks, few lines too slow for the stream, and queues of 20 ms to 1 s', () => {
  const random = seededRandom(2);
  const lines = Array.from({ length: 5000 }, () => drawAccess(random));
  expect(lines.filter(({ downKbps, upKbps }) => downKbps > upKbps).length).toBe(lines.length);
  expect(lines.filter(({ downKbps }) => downKbps < 800 * 1.3).length).toBeLessThan(50);
  for (const { queueMs, upKbps } of lines) {
    expect(queueMs).toBeGreaterThanOrEqual(20);
    expect(queueMs).toBeLessThanOrEqual(1000);
    if (upKbps < 75_000) expect(queueMs).toBeGreaterThanOrEqual(200);
  }
});
