import { describe, expect, it } from 'vitest';
import { Cell } from './cell.ts';
import { cellComponents } from './cell-components.ts';
import { TrackedPeer } from './tracked-peer.ts';

const rendition = '0123abcd';

/** A cell of viewers with their reported links; a name in capitals is download-only. */
function cellOf(links: Record<string, string[]>): Cell {
  const cell = new Cell();
  for (const [id, neighbours] of Object.entries(links)) {
    const peer = new TrackedPeer(id, 0);
    peer.learnNeighbours(neighbours, 0);
    peer.renditions = new Set([rendition]);
    peer.uploads = id === id.toLowerCase();
    cell.add(peer);
  }
  return cell;
}
const componentsOf = (links: Record<string, string[]>) =>
  cellComponents(cellOf(links), rendition).components.map(({ givers }) => givers.map(({ id }) => id).sort());

describe('cellComponents', () => {
  it('finds the components', () => {
    expect(componentsOf({ a: ['b'], b: ['a', 'c'], c: ['b'], d: ['e'], e: ['d'], f: [] })).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
      ['f'],
    ]);
  });

  it('counts a link that only one end has reported', () => {
    expect(componentsOf({ a: [], b: ['a'], c: ['b'] })).toHaveLength(1);
  });

  it('collects the links that lead out of the cell', () => {
    const { components } = cellComponents(cellOf({ a: ['b', 'x'], b: ['y'], c: ['z'] }), rendition);
    expect(components.map(({ ways }) => ways)).toEqual([['x', 'y'], ['z']]);
  });

  it('spreads nothing through download-only viewers', () => {
    const { components, loose } = cellComponents(
      cellOf({ a: ['T'], b: ['T'], T: ['a', 'b', 'U'], U: ['T', 'x'], c: [] }),
      rendition,
    );
    expect(components.map(({ givers, takers }) => [givers.length, takers])).toEqual([
      [1, 1],
      [1, 0],
      [1, 0],
    ]);
    expect(loose.map(({ id }) => id)).toEqual(['U']);
  });

  it('leaves out viewers that follow another rendition', () => {
    const cell = cellOf({ a: ['b'], b: ['c'], c: [] });
    const middle = cell.members.get('b');
    if (middle !== undefined) middle.renditions = new Set(['ffffffff']);
    expect(cellComponents(cell, rendition).components).toHaveLength(2);
  });

  it('caches its result until the cell changes', () => {
    const cell = cellOf({ a: ['b'], b: [] });
    const found = cellComponents(cell, rendition);
    expect(cellComponents(cell, rendition)).toBe(found);
    const leaver = cell.members.get('b');
    if (leaver !== undefined) cell.remove(leaver);
    expect(cellComponents(cell, rendition).components.map(({ givers }) => givers.length)).toEqual([1]);
  });
});
