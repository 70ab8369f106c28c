import { describe, expect, it } from 'vitest';
import { Cell } from './cell.ts';
import { swarmParts } from './swarm-parts.ts';
import { TrackedPeer } from './tracked-peer.ts';

const rendition = '0123abcd';

/** Cells of viewers with their reported links; a name in capitals only takes. */
function swarmOf(...cells: Record<string, string[]>[]) {
  const peers = new Map<string, TrackedPeer>();
  const made = cells.map((links) => {
    const cell = new Cell();
    for (const [id, neighbours] of Object.entries(links)) {
      const peer = new TrackedPeer(id, 0);
      peer.neighbours = new Set(neighbours);
      peer.renditions = new Set([rendition]);
      peer.uploads = id === id.toLowerCase();
      peers.set(id, peer);
      cell.add(peer);
    }
    return cell;
  });
  const { parts, stranded } = swarmParts(made, rendition, (id) => peers.get(id));
  return {
    parts: parts.map(({ cellParts, givers, takers }) => ({ cells: cellParts.length, givers, takers })),
    stranded: stranded.map(({ id }) => id),
  };
}

describe('swarmParts', () => {
  it('joins cells over a bridge that one end reported', () => {
    expect(swarmOf({ a: ['b'], b: [] }, { c: ['b'], d: ['c'] }, { e: [] }).parts).toEqual([
      { cells: 2, givers: 4, takers: 0 },
      { cells: 1, givers: 1, takers: 0 },
    ]);
  });

  it('joins two parts of one cell whose way leads through another', () => {
    expect(swarmOf({ a: ['x'], b: ['y'] }, { x: ['y'], y: [] }).parts).toEqual([
      { cells: 3, givers: 4, takers: 0 },
    ]);
  });

  it('lets nothing cross over a viewer that only takes, and counts it where it is fed', () => {
    const { parts, stranded } = swarmOf(
      { a: ['b', 'T'], b: [] },
      { T: ['a', 'c'], c: ['d'], d: [], U: ['T'] },
    );
    expect(parts.map(({ givers }) => givers)).toEqual([2, 2]);
    expect(parts.reduce((sum, { takers }) => sum + takers, 0)).toBe(1);
    expect(stranded).toEqual(['U']);
  });

  it('does not trip over links to viewers that are gone', () => {
    expect(swarmOf({ a: ['gone'] }, { b: ['gone'] }).parts).toHaveLength(2);
  });
});
