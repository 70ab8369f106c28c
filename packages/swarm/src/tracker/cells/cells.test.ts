import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../util/random.ts';
import { CELL_MAX, CELL_MIN, Cells } from './cells.ts';
import { TrackedPeer } from './tracked-peer.ts';

class Crowd {
  readonly peers = new Map<string, TrackedPeer>();
  readonly cells = new Cells((id) => this.peers.get(id), seededRandom(1));
  #made = 0;

  join(locality = '', neighbours: readonly string[] = []): TrackedPeer {
    const peer = new TrackedPeer(`peer-${++this.#made}`, 0, locality);
    peer.learnNeighbours(neighbours, 0);
    this.peers.set(peer.id, peer);
    this.cells.add(peer);
    return peer;
  }
  leave(peer: TrackedPeer): void {
    this.peers.delete(peer.id);
    this.cells.remove(peer);
  }
  get sizes(): readonly number[] {
    return [...this.cells].map(({ size }) => size);
  }
}

describe('Cells', () => {
  it('keeps up to 64 viewers together', () => {
    const crowd = new Crowd();
    for (let i = 0; i < CELL_MAX; i++) crowd.join();
    expect(crowd.sizes).toEqual([CELL_MAX]);
    crowd.join();
    expect([...crowd.sizes].sort()).toEqual([32, 33]);
  });

  it('keeps every viewer in one cell, and cells within their bounds, over any joins and leaves', () => {
    const step = fc.record({
      joins: fc.nat(60),
      leaves: fc.nat(60),
      network: fc.nat(6),
      first: fc.nat(1000),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const crowd = new Crowd();
        for (const { joins, leaves, network, first } of steps) {
          for (let i = 0; i < joins; i++)
            crowd.join(network === 0 ? '' : `isp-${network % 2}/net-${network}`);
          for (let i = 0; i < leaves; i++) {
            const peers = [...crowd.peers.values()];
            const peer = peers[(first + 7 * i) % Math.max(1, peers.length)];
            if (peer !== undefined) crowd.leave(peer);
          }
          const members = [...crowd.cells].flatMap((cell) => {
            for (const peer of cell.members.values()) expect(crowd.cells.of(peer.id)).toBe(cell);
            return [...cell.members.keys()];
          });
          expect(members.sort()).toEqual([...crowd.peers.keys()].sort());
          expect(Math.max(0, ...crowd.sizes)).toBeLessThanOrEqual(CELL_MAX);
          if (crowd.cells.count > 1) expect(Math.min(...crowd.sizes)).toBeGreaterThanOrEqual(CELL_MIN);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('puts viewers of one network together', () => {
    const crowd = new Crowd();
    for (let i = 0; i < 300; i++) crowd.join(`isp-${i % 3}/net-${i % 12}`);
    // 25 viewers for each network: random assignment would spread each network over all cells.
    const cellsOf = (net: number) =>
      new Set(
        [...crowd.peers.values()]
          .filter(({ places }) => places[1]?.endsWith(`net-${net}`))
          .map(({ id }) => crowd.cells.of(id)),
      );
    const spread = Array.from({ length: 12 }, (_, net) => cellsOf(net).size);
    expect(crowd.cells.count).toBeGreaterThan(5);
    expect(spread.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(18);
  });

  it('puts a viewer that returns with open links into the cell of its neighbours', () => {
    const crowd = new Crowd();
    for (let i = 0; i < 400; i++) crowd.join();
    const friend = crowd.join();
    const { cells } = crowd;
    for (let i = 0; i < 5; i++) expect(cells.of(crowd.join('', [friend.id]).id)).toBe(cells.of(friend.id));
  });

  it('splits where few links lead across', () => {
    const crowd = new Crowd();
    // Two rings of thirty, whose viewers join by turns.
    for (let i = 0; i < 60; i++) crowd.join('', [`peer-${((i + 2) % 60) + 1}`]);
    for (let i = 0; i < 5; i++) crowd.join();
    const across = [...crowd.peers.values()].filter((peer) =>
      [...peer.neighbours].some((id) => crowd.cells.of(id) !== crowd.cells.of(peer.id)),
    );
    expect(crowd.cells.count).toBe(2);
    expect(across.length).toBeLessThan(8);
  });
});
