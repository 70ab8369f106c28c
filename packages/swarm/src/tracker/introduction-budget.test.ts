import { describe, expect, it } from 'vitest';
import { TrackerCore } from './tracker-core.ts';
import type { TrackerCommand, TrackerEvent } from './api/tracker-event.ts';

const rendition = '0123abcd';

/** A tracker and the peers that each viewer was introduced to. */
class Meetings {
  readonly core = new TrackerCore({ seed: 1, maxNeighbours: 8 });
  readonly met = new Map<string, Set<string>>();
  now = 0;

  tell(event: TrackerEvent): readonly TrackerCommand[] {
    const commands = this.core.handle(event, this.now);
    for (const command of commands) {
      if (command.type !== 'introduce') continue;
      const met = this.met.get(command.to) ?? new Set();
      this.met.set(command.to, met.add(command.peer));
    }
    return commands;
  }
  join(peer: string, locality: string): void {
    this.tell({
      type: 'peer-joined',
      peer,
      neighbours: [],
      renditions: [rendition],
      uploads: true,
      locality,
    });
  }
  leave(peer: string): void {
    this.tell({ type: 'peer-left', peer });
  }
  seek(peer: string): void {
    this.tell({
      type: 'peer-reported',
      ...{ peer, neighbours: [], renditions: [rendition], uploads: true, seeking: true },
    });
  }
  /** Viewers in as many networks. They have links with one another, as they report. */
  town(size: number): void {
    for (let i = 0; i < size; i++) this.join(`v-${i}`, `${i}/0`);
    for (let i = 0; i < size; i++) {
      const neighbours = [1, 2, 3, 4].map((step) => `v-${(i + step) % size}`);
      const word = { renditions: [rendition], uploads: true, seeking: false };
      this.tell({ type: 'peer-reported', peer: `v-${i}`, neighbours, ...word });
    }
    this.now += 300_000;
  }
  metBy(...peers: string[]): number {
    return new Set(peers.flatMap((peer) => [...(this.met.get(peer) ?? [])])).size;
  }
}

describe('a stranger does not meet everybody', () => {
  it.each([
    ['joins again and again', false],
    ['joins again and again from the network of all others', true],
  ])('when it %s', (_how, isNear) => {
    const swarm = new Meetings();
    if (isNear) for (let i = 0; i < 150; i++) swarm.join(`v-${i}`, 'x/0');
    else swarm.town(150);
    swarm.now += 300_000;
    const names: string[] = [];
    for (let i = 0; i < 60; i++) {
      const name = `mal-${i}`;
      swarm.join(name, isNear ? 'x/0' : 'm/0');
      names.push(name);
      swarm.seek(name);
      swarm.now += 500;
      swarm.leave(name);
    }
    expect(swarm.metBy(...names)).toBeGreaterThan(8);
    // Three for each of its seats at once, and twelve a minute.
    expect(swarm.metBy(...names)).toBeLessThanOrEqual(24 + 6);
  });

  it('when it keeps seeking', () => {
    const swarm = new Meetings();
    swarm.town(150);
    swarm.join('mal', 'm/0');
    for (let i = 0; i < 180; i++) {
      swarm.seek('mal');
      swarm.now += 1000;
    }
    expect(swarm.metBy('mal')).toBeLessThanOrEqual(24 + 36);
  });

  it('when it waits for newcomers', () => {
    const swarm = new Meetings();
    swarm.town(20);
    swarm.join('mal', 'm/0');
    for (let i = 0; i < 200; i++) {
      swarm.join(`new-${i}`, `n${i}/0`);
      swarm.now += 900;
    }
    expect(swarm.metBy('mal')).toBeLessThanOrEqual(24 + 36);
  });
});

describe('honest viewers get their introductions', () => {
  it('an office of 100 that joins within ten seconds, and again after its network failed', () => {
    const swarm = new Meetings();
    swarm.town(50);
    for (let times = 0; times < 2; times++) {
      swarm.met.clear();
      for (let i = 0; i < 100; i++) {
        swarm.join(`o-${i}`, 'office/0');
        swarm.now += 100;
      }
      swarm.now += 5000;
      swarm.tell({ type: 'tick' });
      for (let i = 0; i < 100; i++) expect(swarm.metBy(`o-${i}`), `o-${i}`).toBeGreaterThanOrEqual(4);
      for (let i = 0; i < 100; i++) swarm.leave(`o-${i}`);
    }
  });

  it('newcomers of a network that its viewers left some minutes ago', () => {
    const swarm = new Meetings();
    swarm.town(100);
    for (let i = 0; i < 5; i++) {
      swarm.join(`before-${i}`, 'home/0');
      swarm.seek(`before-${i}`);
      swarm.leave(`before-${i}`);
    }
    swarm.now += 240_000;
    swarm.join('after', 'home/0');
    expect(swarm.metBy('after')).toBeGreaterThanOrEqual(5);
  });
});
