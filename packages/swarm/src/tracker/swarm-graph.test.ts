import { describe, expect, it } from 'vitest';
import { connectedParts } from './swarm-graph.ts';

function graph(links: Record<string, string[]>) {
  return new Map(Object.entries(links).map(([peer, others]) => [peer, new Set(others)]));
}

describe('connectedParts', () => {
  it('finds the parts, largest first', () => {
    const parts = connectedParts(graph({ a: ['b'], b: ['a', 'c'], c: ['b'], d: ['e'], e: ['d'], f: [] }));
    expect(parts.map((part) => [...part].sort())).toEqual([['a', 'b', 'c'], ['d', 'e'], ['f']]);
  });

  it('counts a link that only one end reported yet', () => {
    expect(connectedParts(graph({ a: [], b: ['a'], c: ['b'] }))).toHaveLength(1);
  });

  it('leaves out links to peers that are not there', () => {
    expect(connectedParts(graph({ a: ['gone'], b: ['gone'] })).length).toBe(2);
  });
});
