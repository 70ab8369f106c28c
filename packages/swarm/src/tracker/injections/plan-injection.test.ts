import { LIMITS, pieceCount } from '@freshet/protocol';
import { describe, expect, it } from 'vitest';
import { Cell } from '../cells/cell.ts';
import type { CellComponent } from '../cells/cell-components.ts';
import { planInjection } from './plan-injection.ts';
import type { SwarmComponent } from '../cells/swarm-components.ts';
import { TrackedPeer } from '../cells/tracked-peer.ts';

const load = { bytes: 440_000, durationMs: 2000 };
const NOW = 100_000;
const random = () => 0.5;

function cellComponent(name: string, givers: number, joinedAt = 0): CellComponent {
  const cell = new Cell();
  const peers = Array.from({ length: givers }, (_, i) => new TrackedPeer(`${name}-${i}`, joinedAt));
  for (const peer of peers) cell.add(peer);
  return { cell, givers: peers, takers: 0, ways: [] };
}
function componentOf(cellComponents: readonly CellComponent[], takers = 0): SwarmComponent {
  return {
    cellComponents,
    givers: cellComponents.reduce((sum, { givers }) => sum + givers.length, 0),
    takers,
  };
}
const cells = (count: number, givers = 4) =>
  Array.from({ length: count }, (_, i) => cellComponent(`cell-${i}`, givers));
function copies(components: readonly SwarmComponent[]): number {
  const pieces = planInjection(components, load, NOW, random).reduce((sum, { count }) => sum + count, 0);
  return pieces / pieceCount(load.bytes);
}
/** The cells that the copies of a segment are assigned to. */
function turn(component: SwarmComponent): readonly string[] {
  const injectors = planInjection([component], load, NOW, random);
  return [...new Set(injectors.map(({ peer }) => peer.slice(0, peer.lastIndexOf('-'))))];
}

describe('planInjection', () => {
  it.each([
    [1, 1],
    [3, 1],
    [4, 2],
    [15, 2],
    [16, 3],
    [64, 4],
    [1000, 4],
  ])('plans for a component of %i cells this number of copies: %i', (count, wanted) => {
    expect(copies([componentOf(cells(count))])).toBe(wanted);
  });

  it('plans a copy for each component of several viewers, and none for a lone viewer', () => {
    const pair = componentOf([cellComponent('pair', 2)]);
    const fed = componentOf([cellComponent('fed', 1)], 1);
    const alone = componentOf([cellComponent('alone', 1)]);
    expect(copies([pair, fed, alone])).toBe(2);
    expect(copies([alone])).toBe(0);
    expect(copies([])).toBe(0);
  });

  it('names no more injectors than an announcement carries, for the largest components first', () => {
    const large = componentOf(cells(64));
    const small = Array.from({ length: 2 * LIMITS.injectors }, (_, i) =>
      componentOf([cellComponent(`small-${i}`, 2)]),
    );
    const injectors = planInjection([large, ...small], load, NOW, random);
    expect(injectors.length).toBeLessThanOrEqual(LIMITS.injectors);
    expect(injectors[0]?.peer).toMatch(/^cell-/);
    expect(injectors.some(({ peer }) => peer.startsWith('small-0-'))).toBe(true);
    expect(injectors.some(({ peer }) => peer.startsWith(`small-${LIMITS.injectors}-`))).toBe(false);
  });

  it('rotates through the cells', () => {
    const component = componentOf(cells(6));
    const turns = new Map<string, number>();
    for (let i = 0; i < 30; i++)
      for (const cell of turn(component)) turns.set(cell, (turns.get(cell) ?? 0) + 1);
    expect([...turns.values()]).toEqual([10, 10, 10, 10, 10, 10]);
  });

  it('prefers a cell with a reliable viewer, and asks a cell of newcomers when there is no other', () => {
    const fresh = Array.from({ length: 3 }, (_, i) => cellComponent(`fresh-${i}`, 4, NOW - 100));
    const settled = cellComponent('settled', 4);
    settled.cell.injectionLoad = 10 * load.bytes;
    const first = turn(componentOf([...fresh, settled]));
    expect(first).toContain('settled');
    expect(first).toHaveLength(2);
    expect(turn(componentOf(fresh))).toHaveLength(1);
  });
});
