import { describe, expect, it } from 'vitest';
import { Cell } from './cell.ts';
import { swarmComponents } from './swarm-components.ts';
import { TrackedPeer } from './tracked-peer.ts';

const rendition = '0123abcd';

/** Cells of viewers with their reported links; a name in capitals is download-only. */
function swarmOf(...cells: Record<string, string[]>[]) {
  const cellOf = new Map<string, Cell>();
  const made = cells.map((links) => {
    const cell = new Cell();
    for (const [id, neighbours] of Object.entries(links)) {
      const peer = new TrackedPeer(id, 0);
      peer.learnNeighbours(neighbours, 0);
      peer.renditions = new Set([rendition]);
      peer.uploads = id === id.toLowerCase();
      cellOf.set(id, cell);
      cell.add(peer);
    }
    return cell;
  });
  const { components, stranded } = swarmComponents(made, rendition, (id) => cellOf.get(id));
  return {
    components: components.map(({ cellComponents, givers, takers }) => ({
      cells: cellComponents.length,
      givers,
      takers,
    })),
    stranded: stranded.map(({ id }) => id),
  };
}

describe('swarmComponents', () => {
  it('joins cells over a link that one end reported', () => {
    expect(swarmOf({ a: ['b'], b: [] }, { c: ['b'], d: ['c'] }, { e: [] }).components).toEqual([
      { cells: 2, givers: 4, takers: 0 },
      { cells: 1, givers: 1, takers: 0 },
    ]);
  });

  it('joins two components of one cell that are connected through another cell', () => {
    expect(swarmOf({ a: ['x'], b: ['y'] }, { x: ['y'], y: [] }).components).toEqual([
      { cells: 3, givers: 4, takers: 0 },
    ]);
  });

  it('joins nothing over a download-only viewer, and counts it in the component that feeds it', () => {
    const { components, stranded } = swarmOf(
      { a: ['b', 'T'], b: [] },
      { T: ['a', 'c'], c: ['d'], d: [], U: ['T'] },
    );
    expect(components.map(({ givers }) => givers)).toEqual([2, 2]);
    expect(components.reduce((sum, { takers }) => sum + takers, 0)).toBe(1);
    expect(stranded).toEqual(['U']);
  });

  it('ignores links to viewers that left', () => {
    expect(swarmOf({ a: ['gone'] }, { b: ['gone'] }).components).toHaveLength(2);
  });
});
